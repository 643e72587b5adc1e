"""What was indexed is found: by words, names, source and time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline import resources
from pipeline.records import Source
from pipeline.search import SearchRequest, search_articles, search_statements
from tests.fakes.annotated import annotated, golden
from tests.fakes.debates import a_debate
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

SEED = resources.root().parent / "shared" / "seed"


async def statements(shelf: Shelf, **asked: Any) -> list[str]:
    found = (await search_statements(shelf.client, shelf.index, SearchRequest(**asked))).hits
    return [hit.content for hit in found]


async def articles(shelf: Shelf, **asked: Any) -> list[str]:
    found = (await search_articles(shelf.client, shelf.index, SearchRequest(**asked))).hits
    return [hit.title for hit in found]


@pytest.fixture
async def library(shelf: Shelf) -> Shelf:
    """Two articles of different sources and days, and a debate between them."""
    await shelf.indexer().index(
        [
            golden("nominal-speaker", published_at=NOW - timedelta(days=10)),
            golden(
                "negated-attribution",
                published_at=NOW - timedelta(days=2),
                source=Source(name="Le Héraut", domain="heraut.example"),
            ),
            a_debate(published_at=NOW - timedelta(days=5)),
        ]
    )
    await shelf.client.indices.refresh(index=f"{shelf.index.articles},{shelf.index.statements}")
    return shelf


async def test_each_way_of_asking_finds_what_it_should(library: Shelf) -> None:
    for asked in ("lucia ferreira", "FERREIRA", "Férreira", "the minister"):
        found = await statements(library, speaker=asked)
        assert "tables were not the problem" in found, asked
    assert await statements(library, speaker="errei") == []
    assert await statements(library, speaker="Ferreira Lucia") == []


async def test_a_speaker_with_an_accent_is_found_without_it(library: Shelf) -> None:
    assert await statements(library, speaker="zoe lind") == ["Brenn can wait"] * 2


async def test_statements_are_found_by_whom_they_are_about_and_to_whom(library: Shelf) -> None:
    assert await statements(library, entity="Brenn") == ["Brenn can wait"] * 2
    assert await statements(library, entity="park") == ["Brenn can wait"] * 2
    assert await statements(library, entity="Lind") == []


async def test_words_are_found_in_any_form_and_phrases_as_written(library: Shelf) -> None:
    assert await articles(library, text="borders") == ["About nominal-speaker"]
    assert await articles(library, text='"the river border"') == ["About nominal-speaker"]
    assert await articles(library, text='"the rivers border"') == []
    assert await articles(library, text="border -judge") == []
    assert await articles(library, text="border absentword") == []


async def test_articles_are_found_by_whom_they_mention_and_whom_they_quote(
    library: Shelf,
) -> None:
    assert await articles(library, entity="montevideo") == ["About nominal-speaker"]
    assert await articles(library, speaker="rahmani") == ["About nominal-speaker"]
    assert await articles(library, speaker="montevideo") == []


async def test_a_source_is_found_by_name_or_domain(library: Shelf) -> None:
    for source in ("le heraut", "HERAUT.example"):
        assert await articles(library, source=source) == ["About negated-attribution"]
    assert await articles(library, source="le") == []


async def test_times_are_from_since_on_and_before_until(library: Shelf) -> None:
    since, until = NOW - timedelta(days=5), NOW - timedelta(days=2)
    assert await articles(library, since=since, until=until) == ["A debate"]


async def test_without_words_the_newest_come_first_and_statements_in_text_order(
    library: Shelf,
) -> None:
    assert await articles(library) == [
        "About negated-attribution",
        "A debate",
        "About nominal-speaker",
    ]
    found = await search_statements(
        library.client, library.index, SearchRequest(source="courier.example", limit=4)
    )
    assert [hit.id for hit in found.hits] == ["s1", "s2", "s1", "s2"]


async def test_a_negated_statement_is_told_apart(library: Shelf) -> None:
    found = await search_statements(
        library.client, library.index, SearchRequest(source="heraut.example")
    )
    assert {hit.negated for hit in found.hits} == {True, False}


async def test_a_type_narrows_statements(library: Shelf) -> None:
    assert await statements(library, speaker="ferreira", type="direct") == [
        "“A border is not a line in the water,”"
    ]


async def test_what_matched_is_marked_in_a_passage_of_the_text(library: Shelf) -> None:
    found = await search_articles(library.client, library.index, SearchRequest(text="treaty"))
    (hit,) = found.hits
    assert [span.of(hit.snippet) for span in hit.matches] == ["treaty"]
    assert "\n" not in hit.snippet
    assert len(hit.snippet) < 300


async def test_a_statement_says_where_it_was_read(library: Shelf) -> None:
    found = await search_statements(library.client, library.index, SearchRequest(text="wait"))
    hit = found.hits[1]
    assert (hit.speaker, hit.role, hit.cue) == ("Zoë Lind", "mayor", "told")
    assert (hit.addressee, hit.about) == ("Ada Park", ("Brenn",))
    assert (hit.reported_by, hit.reported_by_speaker) == ("s1", "Zoë Lind")
    assert (hit.title, hit.source) == ("A debate", "The Courier")
    assert hit.published == NOW - timedelta(days=5)
    assert [span.of(hit.content) for span in hit.matches] == ["wait"]


async def test_nothing_that_is_typed_is_an_error(library: Shelf) -> None:
    hostile = [
        '"',
        "((((",
        "a AND",
        "-",
        "*",
        "~~",
        "\\",
        "[red]",
        "\x00",
        "(" * 1_000,
        "x" * 1_000,
    ]
    for text in hostile:
        await articles(library, text=text)
        await statements(library, text=text, speaker=text, entity=text, source=text)


async def test_where_nothing_was_indexed_nothing_is_found(shelf: Shelf) -> None:
    assert await articles(shelf, text="border") == []
    assert await statements(shelf, speaker="Lind") == []


async def test_the_seed_article_and_its_warning_are_found(shelf: Shelf) -> None:
    if not (SEED / "article.txt").is_file():
        pytest.skip(f"the seed article is not in {SEED}")
    seed = annotated(SEED / "article.txt", SEED / "golden.json", title="Seed")
    await shelf.indexer().index([seed])
    await shelf.client.indices.refresh(index=f"{shelf.index.articles},{shelf.index.statements}")
    assert await articles(shelf, text="diplomatic agreement") == ["Seed"]
    found = await search_statements(
        shelf.client, shelf.index, SearchRequest(speaker="Yoav Gallant", limit=100)
    )
    (warning,) = [hit for hit in found.hits if "tie itself" in hit.content]
    assert (warning.cue, warning.addressee) == ("warned", "Amos Hochstein")
    assert "Hezbollah" in warning.about
    assert not [hit for hit in found.hits if hit.speaker != "Yoav Gallant"]
