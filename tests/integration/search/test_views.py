"""What is shown beside hits: pages, facets, timelines, maps, articles whole, stories, profiles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from pipeline.records import EnrichedArticle, Source
from pipeline.search import SearchRequest, search_articles, search_statements
from pipeline.search.facets import Breakdown
from pipeline.search.places import count_places
from pipeline.search.profile import read_profile
from pipeline.search.reader import every_statement
from pipeline.search.whole import read_article, read_story, similar_articles
from tests.fakes.annotated import golden
from tests.fakes.debates import a_debate
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

STORY = "5" * 32
URLS = [f"https://courier.example/{number}" for number in range(3)]


def debates() -> list[EnrichedArticle]:
    """Three copies of an article with two statements, a day between them; the last of another
    source."""
    return [
        replace(
            a_debate(
                id=f"{number + 1:032x}",
                url=url,
                canonical_url=url,
                published_at=NOW - timedelta(days=number),
                title=f"Debate {number}",
                source=Source(name="Le Héraut" if number == 2 else "The Courier", country="FR"),
            ),
            story_id=STORY,
        )
        for number, url in enumerate(URLS)
    ]


@pytest.fixture
async def library(shelf: Shelf) -> Shelf:
    await shelf.indexer().index([*debates(), golden("nominal-speaker")])
    await shelf.client.indices.refresh(index=f"{shelf.index.articles},{shelf.index.statements}")
    return shelf


async def test_pages_follow_one_another_without_gap_or_overlap(library: Shelf) -> None:
    for order in ("newest", "oldest", "relevance"):
        seen, after = [], None
        while True:
            request = SearchRequest(text="wait", order=order, limit=2, after=after)
            found = await search_statements(library.client, library.index, request)
            seen += [(hit.article_id, hit.id) for hit in found.hits]
            assert found.total == 6
            if (after := found.next) is None:
                break
        assert len(seen) == len(set(seen)) == 6, order


async def test_everything_can_be_had_page_after_page(library: Shelf) -> None:
    request = SearchRequest(speaker="Zoë Lind", limit=1)
    hits = [hit async for hit in every_statement(library.client, library.index, request, 5)]
    assert len({(hit.article_id, hit.id) for hit in hits}) == 5


async def test_a_cursor_of_another_search_is_refused(library: Shelf) -> None:
    found = await search_statements(library.client, library.index, SearchRequest(limit=1))
    for wrong in (SearchRequest(text="wait", after=found.next), SearchRequest(after="~~~")):
        with pytest.raises(ValueError, match="cursor"):
            await search_statements(library.client, library.index, wrong)


async def test_facets_and_timeline_count_all_that_is_found(library: Shelf) -> None:
    beside = Breakdown(("source", "speaker"), "day")
    request = SearchRequest(text="wait", limit=1)
    found = await search_statements(library.client, library.index, request, beside)
    counts = {each.value: each.count for each in found.facets["source"].values}
    assert counts == {"The Courier": 4, "Le Héraut": 2}
    assert found.timeline is not None
    assert [period.count for period in found.timeline.periods] == [2, 2, 2]


async def test_filters_narrow_as_they_say(library: Shelf) -> None:
    async def count(**asked: object) -> int:
        request = SearchRequest(**asked)
        return (await search_statements(library.client, library.index, request)).total

    assert await count(role="mayor") == 6
    assert await count(role="deputy mayor") == 0
    assert await count(country="fr", language="en") == 6
    assert await count(entity_type="PERSON", speaker="lind") == 6
    assert await count(feed="no-such-feed") == 0
    assert await count(asserted=True) == await count()


async def test_an_article_is_read_whole(library: Shelf) -> None:
    whole = await read_article(library.client, library.index, f"{1:032x}")
    assert whole is not None
    assert [each.statement.id for each in whole.statements] == ["s1", "s2"]
    for each in whole.statements:
        assert each.span.of(whole.text) == each.statement.content
    mention = next(each for each in whole.mentions if each.entity == "Brenn")
    assert mention.span.of(whole.text) == "Brenn"
    assert await read_article(library.client, library.index, "f" * 32) is None


async def test_a_story_shows_all_of_its_copies_the_first_one_first(library: Shelf) -> None:
    found = await search_articles(library.client, library.index, SearchRequest(text="wait"))
    (story_id,) = {hit.story for hit in found.hits}
    story = await read_story(library.client, library.index, story_id or "")
    assert story is not None
    assert story.total == 3
    assert [copy.first for copy in story.copies] == [True, False, False]
    assert await read_story(library.client, library.index, "0" * 32) is None


async def test_similar_articles_are_those_of_other_stories(library: Shelf) -> None:
    whole = await read_article(library.client, library.index, f"{1:032x}")
    assert whole is not None
    similar = await similar_articles(library.client, library.index, whole)
    assert whole.article.story not in {hit.story for hit in similar}


async def test_a_profile_tells_when_in_which_role_of_whom_and_to_whom(library: Shelf) -> None:
    profile = await read_profile(library.client, library.index, "zoe lind")
    assert profile is not None
    assert (profile.name, profile.articles, profile.statements) == ("Zoë Lind", 3, 6)
    assert [each.value for each in profile.roles.values] == ["mayor"]
    assert [each.value for each in profile.about.values] == ["Brenn"]
    assert [each.value for each in profile.to.values] == ["Ada Park"]
    assert [each.value for each in profile.types.values] == ["PERSON"]
    assert [period.count for period in profile.timeline.periods] == [1, 1, 1]
    assert len(profile.latest) == 6
    brenn = await read_profile(library.client, library.index, "Brenn")
    assert brenn is not None
    assert [each.value for each in brenn.by.values] == ["Zoë Lind"]
    assert await read_profile(library.client, library.index, "Nobody") is None


async def test_places_are_counted_on_a_map(library: Shelf) -> None:
    places = await count_places(library.client, library.index, SearchRequest(text="wait"), 4)
    assert [place.articles for place in places] == [3]


async def test_views_of_an_empty_index_are_empty(shelf: Shelf) -> None:
    assert await read_article(shelf.client, shelf.index, "f" * 32) is None
    assert await read_profile(shelf.client, shelf.index, "Lind") is None
    assert await count_places(shelf.client, shelf.index, SearchRequest(), 2) == []
