"""Whatever comes in whatever batches, and whenever a worker is killed: no version is lost."""

from __future__ import annotations

import asyncio
from itertools import groupby, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.index import IndexStatus, fields
from pipeline.records import EnrichedArticle, Reason
from tests.contract.revisions import ID, history, statuses, titled, titles
from tests.fakes.debates import a_debate
from tests.fakes.elastic_store import Killed, Mortal
from tests.fakes.records import an_enriched_article
from tests.fakes.shelf import FakeShelf

REFUSED = IndexStatus.REFUSED

texts = st.text("ABC", min_size=1, max_size=7)
cuts = st.lists(st.integers(0, 7), max_size=4)
kills = st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=4)


def batches(stream: list[EnrichedArticle], places: list[int]) -> list[list[EnrichedArticle]]:
    bounds = sorted({0, len(stream), *(place for place in places if place < len(stream))})
    return [stream[start:end] for start, end in pairwise(bounds)]


async def deliver(
    shelf: FakeShelf, batch: list[EnrichedArticle], deaths: list[tuple[int, bool]]
) -> None:
    """As Kafka does: until a worker lives to acknowledge the batch."""
    while True:
        at, after = deaths.pop() if deaths else (0, False)
        try:
            client = Mortal(shelf.client, at, after=after)
            await shelf.indexer(client, bulk_max_bytes=1).index(batch)
        except Killed:
            continue
        return


async def delivered(
    stream: list[EnrichedArticle], places: list[int], deaths: list[tuple[int, bool]]
) -> FakeShelf:
    shelf = FakeShelf()
    for batch in batches(stream, places):
        await deliver(shelf, batch, list(deaths))
    return shelf


@settings(max_examples=60)
@given(texts, cuts, kills)
def test_versions_in_order_are_all_there_in_order(
    text: str, places: list[int], deaths: list[tuple[int, bool]]
) -> None:
    stream = [titled(title, n) for n, title in enumerate(text, start=1)]
    shelf = asyncio.run(delivered(stream, places, deaths))
    assert titles(asyncio.run(history(shelf))) == [title for title, _ in groupby(text)]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9)), min_size=1), cuts, kills)
def test_versions_in_any_order_are_all_there(
    versions: list[tuple[str, int]], places: list[int], deaths: list[tuple[int, bool]]
) -> None:
    # A revision has one text: the time of a fetch.
    distinct = {revision: title for title, revision in versions}
    stream = [titled(title, revision) for revision, title in distinct.items()]
    shelf = asyncio.run(delivered(stream, places, deaths))
    found = asyncio.run(history(shelf))
    assert {title for _, title in found} == set(distinct.values())
    assert set(found) <= set(distinct.items())


async def test_an_article_whose_older_version_cannot_be_kept_is_refused_and_changes_nothing() -> (
    None
):
    shelf = FakeShelf()
    other = a_debate(url="https://x.example/other")
    await shelf.indexer().index([titled("Old", 1, statements=2)])
    before = await shelf.statements()
    shelf.client.refuses = lambda document_id: "@" in document_id
    refusal, indexed = await shelf.indexer().index([titled("New", 2, statements=1), other])
    assert (refusal.status, refusal.reason) == (REFUSED, Reason.REFUSED_BY_INDEX)
    assert indexed.status is IndexStatus.INDEXED
    assert (await shelf.articles())[ID][fields.TITLE] == "Old"
    assert before.items() <= (await shelf.statements()).items()


async def test_a_late_version_that_cannot_be_kept_is_refused() -> None:
    shelf = FakeShelf()
    await shelf.indexer().index([titled("New", 2)])
    shelf.client.refuses = lambda document_id: "@" in document_id
    assert await statuses(shelf.indexer(), titled("Old", 1)) == [REFUSED]


async def test_a_version_that_json_cannot_carry_is_refused_and_the_newest_is_indexed() -> None:
    shelf = FakeShelf()
    bad, good = an_enriched_article(title="half \udc00"), an_enriched_article(revision=2)
    refusal, indexed = await shelf.indexer().index([bad, good])
    assert (refusal.status, refusal.reason) == (REFUSED, Reason.SCHEMA)
    assert indexed.status is IndexStatus.INDEXED
