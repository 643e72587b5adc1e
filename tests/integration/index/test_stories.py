"""Copies of a text are linked with the first of them, on the real Elasticsearch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch
from msgspec.structs import replace

from pipeline.enrich import story_id
from pipeline.index import IndexStatus, fields
from pipeline.index.provision import setup
from pipeline.records import EnrichedArticle, Model
from pipeline.search import SearchRequest, search_articles
from tests.benchmarks.texts import made_texts
from tests.fakes.faulty_proxy import Fault, FaultyProxy, answers, hangs, resets, speaks_html
from tests.fakes.records import NOW, an_enriched_article
from tests.integration.shelf import Shelf

TEXT, OTHER, THIRD = made_texts(3, seed=11)
COPY = f"PORT AVEL (Agency) – {TEXT}"
INDEXED, UNCHANGED = IndexStatus.INDEXED, IndexStatus.UNCHANGED


def told(name: str, text: str, hours: float = 0.0, **changes: Any) -> EnrichedArticle:
    time = NOW + timedelta(hours=hours)
    url = f"https://{name}.example/story"
    made = an_enriched_article(
        url=url, text=text, title=name, first_seen_at=time, fetched_at=time, **changes
    )
    return replace(made, story_id=story_id(text))


async def stories(shelf: Shelf) -> dict[str, tuple[str, str | None]]:
    """By title: the story, and the title of its first article where this is a copy."""
    found = await shelf.articles()
    return {
        each[fields.TITLE]: (
            each[fields.STORY],
            found[each[fields.COPY_OF]][fields.TITLE] if fields.COPY_OF in each else None,
        )
        for each in found.values()
    }


async def _refresh(shelf: Shelf) -> None:
    await shelf.client.indices.refresh(index=shelf.index.articles)


async def test_a_copy_that_another_worker_meets_later_is_linked_to_the_first(shelf: Shelf) -> None:
    await shelf.indexer().index([told("first", TEXT), told("other", OTHER)])
    await _refresh(shelf)
    await shelf.indexer().index([told("copy", COPY, 1), told("same", TEXT, 2)])
    found = await stories(shelf)
    first = story_id(TEXT)
    assert found["first"] == (first, None)
    assert found["copy"] == found["same"] == (first, "first")
    assert found["other"] == (story_id(OTHER), None)


async def test_copies_of_one_batch_and_those_not_yet_searchable_are_linked(shelf: Shelf) -> None:
    await setup(shelf.client, shelf.index.model_copy(update={"refresh_interval": "-1"}))
    indexer = shelf.indexer()
    await indexer.index([told("copy", COPY, 1), told("first", TEXT)])
    await indexer.index([told("next", f"{TEXT}\nMore follows.", 2)])
    found = await stories(shelf)
    assert found["copy"] == found["next"] == (story_id(TEXT), "first")


async def test_a_copy_of_a_short_text_is_linked_where_it_is_equal(shelf: Shelf) -> None:
    # Its own text was that of a copy: only the hash of it leads to the story.
    await shelf.indexer().index([told("first", TEXT), told("copy", COPY, 1)])
    await _refresh(shelf)
    long_after = 24 * 20
    await shelf.indexer().index([told("equal", COPY, long_after), told("near", TEXT + " x", 480)])
    found = await stories(shelf)
    assert found["equal"] == (story_id(TEXT), "first")
    assert found["near"][1] is None


async def test_a_correction_keeps_its_story_and_copies_of_it_join(shelf: Shelf) -> None:
    await shelf.indexer().index([told("first", TEXT), told("copy", COPY, 1)])
    await _refresh(shelf)
    corrected = [told("first", OTHER, revision=2), told("copy", THIRD, 1, revision=2)]
    await shelf.indexer().index([*corrected, told("of it", f"{OTHER} x", 2)])
    found = await stories(shelf)
    assert found["first"] == (story_id(TEXT), None)
    assert found["copy"] == found["of it"] == (story_id(TEXT), "first")


async def test_redelivery_and_another_model_in_another_order_change_no_story(shelf: Shelf) -> None:
    batch = [told("first", TEXT), told("copy", COPY, 1), told("other", OTHER, 2)]
    await shelf.indexer().index(batch)
    before = await stories(shelf)
    outcomes = await shelf.indexer().index(batch[::-1])
    assert {each.status for each in outcomes} == {UNCHANGED}
    for each in batch[::-1]:
        again = replace(each, model=Model(name="test", version="2"))
        (outcome,) = await shelf.indexer().index([again])
        assert outcome.status is INDEXED
    assert await stories(shelf) == before


async def test_the_statements_of_a_copy_say_that_they_are_one(shelf: Shelf) -> None:
    url = "https://x.example/"
    text = "Mayor Ada Lind said the bridge will open. Officials disagreed."
    batch = [
        an_enriched_article(url=url + name, text=text, first_seen_at=NOW + timedelta(hours=hours))
        for hours, name in enumerate(("first", "copy"))
    ]
    first, _ = await _indexed(shelf, [replace(each, story_id=story_id(text)) for each in batch])
    found = await shelf.statements()
    assert {each[fields.STORY] for each in found.values()} == {story_id(text)}
    assert [each.get(fields.COPY_OF) for each in found.values()].count(first.article.id) == 1


async def _indexed(shelf: Shelf, batch: list[EnrichedArticle]) -> list[EnrichedArticle]:
    assert {each.status for each in await shelf.indexer().index(batch)} == {INDEXED}
    return batch


async def test_a_search_finds_each_story_once_where_asked_to(shelf: Shelf) -> None:
    batch = [told("first", TEXT), told("copy", COPY, 1), told("same", TEXT, 2)]
    await shelf.indexer().index([*batch, told("other", OTHER)])
    await _refresh(shelf)
    request = SearchRequest(stories=True)
    found = (await search_articles(shelf.client, shelf.index, request)).hits
    assert [(hit.story, hit.articles) for hit in found] == [
        (story_id(TEXT), 3),
        (story_id(OTHER), 1),
    ]
    every = (await search_articles(shelf.client, shelf.index, SearchRequest())).hits
    assert [hit.articles for hit in every] == [1, 1, 1, 1]


SHARD_FAILED = '{"responses":[{"error":{"type":"x"},"status":503},{"hits":{"hits":[]}}]}'
FAULTS = {
    "500": answers(500),
    "429": answers(429),
    "no access": answers(401),
    "a page": speaks_html,
    "one answer for two": answers(200, '{"responses":[{"hits":{"hits":[]}}]}'),
    "a shard that failed": answers(200, SHARD_FAILED),
    "reset": resets,
    "no answer in time": hangs,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
async def test_a_fault_while_asking_for_stories_is_waited_out(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch, fault: Fault
) -> None:
    await shelf.indexer().index([told("first", TEXT)])
    await _refresh(shelf)
    proxy.fail(fault, endpoint="_msearch")
    (outcome,) = await shelf.indexer(through_proxy).index([told("copy", COPY, 1)])
    assert outcome.status is INDEXED
    assert proxy.exhausted
    assert (await stories(shelf))["copy"] == (story_id(TEXT), "first")
