"""Repeats, revisions and bad documents, on the real Elasticsearch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from pipeline.index import Indexer, IndexStatus, fields
from pipeline.index.documents import statement_document_id
from pipeline.index.provision import setup
from pipeline.records import Annotations, EnrichedArticle, Model, Reason
from tests.fakes.debates import a_debate, debate_at
from tests.fakes.records import NOW, an_enriched_article
from tests.integration.shelf import Shelf

INDEXED, UNCHANGED = IndexStatus.INDEXED, IndexStatus.UNCHANGED
DUPLICATE, REFUSED = IndexStatus.DUPLICATE, IndexStatus.REFUSED


async def statuses(indexer: Indexer, *batch: EnrichedArticle) -> list[IndexStatus]:
    return [outcome.status for outcome in await indexer.index(batch)]


def statement_ids(enriched: EnrichedArticle, count: int) -> set[str]:
    return {statement_document_id(enriched.article.id, n) for n in range(1, count + 1)}


async def test_an_article_is_found_with_each_of_its_statements(shelf: Shelf) -> None:
    debate = a_debate(statements=3)
    assert await statuses(shelf.indexer(), debate) == [INDEXED]
    assert (await shelf.articles()).keys() == {debate.article.id}
    assert (await shelf.statements()).keys() == statement_ids(debate, 3)


async def test_an_empty_batch_asks_nothing(shelf: Shelf) -> None:
    assert await shelf.indexer().index([]) == []


async def test_a_repeat_at_once_is_unchanged_though_it_cannot_be_searched_yet(
    shelf: Shelf,
) -> None:
    await setup(shelf.client, shelf.index.model_copy(update={"refresh_interval": "-1"}))
    indexer = shelf.indexer()
    assert await statuses(indexer, a_debate()) == [INDEXED]
    assert (await shelf.client.count(index=shelf.index.articles))["count"] == 0
    assert await statuses(indexer, a_debate()) == [UNCHANGED]


async def test_unchanged_writes_nothing(shelf: Shelf) -> None:
    indexer = shelf.indexer()
    debate = a_debate()
    await indexer.index([debate])
    ids = [debate.article.id, *statement_ids(debate, 2)]
    before = await _sequence_numbers(shelf, ids)
    assert await statuses(indexer, debate) == [UNCHANGED]
    assert await _sequence_numbers(shelf, ids) == before


async def test_unchanged_under_a_later_revision_is_noted_once_in_the_article_alone(
    shelf: Shelf,
) -> None:
    indexer = shelf.indexer()
    debate = a_debate()
    await indexer.index([debate])
    ids = [debate.article.id, *statement_ids(debate, 2)]
    before = await _sequence_numbers(shelf, ids)
    assert await statuses(indexer, a_debate(revision=5)) == [UNCHANGED]
    noted = await _sequence_numbers(shelf, ids)
    assert {each for each in ids if noted[each] != before[each]} == {debate.article.id}
    assert await statuses(indexer, a_debate(revision=5)) == [UNCHANGED]
    assert await _sequence_numbers(shelf, ids) == noted


async def _sequence_numbers(shelf: Shelf, ids: Sequence[str]) -> dict[str, int]:
    indices = f"{shelf.index.articles},{shelf.index.statements}"
    await shelf.client.indices.refresh(index=indices)
    answer = await shelf.client.search(
        index=indices, query={"ids": {"values": list(ids)}}, seq_no_primary_term=True
    )
    return {hit["_id"]: hit["_seq_no"] for hit in answer["hits"]["hits"]}


async def test_a_newer_revision_replaces_the_older_and_deletes_surplus_statements(
    shelf: Shelf,
) -> None:
    indexer = shelf.indexer()
    old, new = a_debate(statements=4), a_debate(statements=1, revision=2)
    assert await statuses(indexer, old) == [INDEXED]
    assert await statuses(indexer, new) == [INDEXED]
    (article,) = (await shelf.articles()).values()
    assert article[fields.REVISION] == 2
    assert (await shelf.statements()).keys() == statement_ids(new, 1)


async def test_an_older_revision_never_overwrites_a_newer_one(shelf: Shelf) -> None:
    indexer = shelf.indexer()
    assert await statuses(indexer, a_debate(statements=1, revision=2)) == [INDEXED]
    assert await statuses(indexer, a_debate(statements=3, revision=1)) == [DUPLICATE]
    assert [a[fields.REVISION] for a in (await shelf.articles()).values()] == [2]
    assert [s[fields.REVISION] for s in (await shelf.statements()).values()] == [2]


async def test_another_model_is_no_repetition(shelf: Shelf) -> None:
    indexer = shelf.indexer()
    newer_model = Model(name="test", version="2")
    assert await statuses(indexer, a_debate(statements=2)) == [INDEXED]
    again = replace(a_debate(statements=2), model=newer_model, annotations=Annotations())
    assert await statuses(indexer, again) == [INDEXED]
    assert await shelf.statements() == {}


async def test_the_newest_of_a_batch_is_written_and_the_others_are_duplicates(
    shelf: Shelf,
) -> None:
    batch = [a_debate(revision=r, statements=r) for r in (2, 3, 1)]
    assert await statuses(shelf.indexer(), *batch) == [DUPLICATE, INDEXED, DUPLICATE]
    assert len(await shelf.statements()) == 3


async def test_a_retry_in_the_next_month_meets_its_earlier_self(shelf: Shelf) -> None:
    indexer = shelf.indexer()
    end_of_march = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    later = end_of_march + timedelta(seconds=2)
    assert await statuses(indexer, debate_at(end_of_march)) == [INDEXED]
    # The feed's state was lost: the article seems new, in another month, half a second later.
    assert await statuses(indexer, debate_at(later, revision=2)) == [UNCHANGED]
    assert await statuses(indexer, debate_at(later, revision=3, statements=1)) == [INDEXED]
    (article,) = (await shelf.articles()).values()
    assert article["_index"] == f"{shelf.index.articles}-2026.03"
    assert article[fields.FIRST_SEEN] == "2026-03-31T23:59:59.000+00:00"
    assert [s["_index"] for s in (await shelf.statements()).values()] == [
        f"{shelf.index.statements}-2026.03"
    ]


async def test_an_article_from_months_ago_is_found_again(shelf: Shelf) -> None:
    indexer = shelf.indexer()
    assert await statuses(indexer, debate_at(NOW - timedelta(days=90))) == [INDEXED]
    await shelf.client.indices.refresh(index=shelf.index.articles)
    assert await statuses(indexer, debate_at(NOW)) == [UNCHANGED]
    assert len(await shelf.articles()) == 1


async def test_one_bad_document_does_not_harm_its_batch(shelf: Shelf) -> None:
    bad = an_enriched_article(url="https://x.example/bad", title="half \udc00 an emoji")
    future = debate_at(NOW + timedelta(days=400), url="https://x.example/future")
    good = a_debate()
    outcomes = await shelf.indexer().index([bad, good, future])
    assert [each.status for each in outcomes] == [REFUSED, INDEXED, REFUSED]
    assert [each.reason for each in outcomes] == [Reason.SCHEMA, None, Reason.CLOCK]
    assert (await shelf.articles()).keys() == {good.article.id}


async def test_what_the_mapping_refuses_is_refused_by_field_name_and_leaves_nothing(
    shelf: Shelf,
) -> None:
    # Geo points have to lie on the earth; a record that was never decoded can say otherwise.
    debate = a_debate(statements=2)
    *others, place = debate.annotations.entities
    assert place.location is not None
    nowhere = replace(place, location=replace(place.location, lat=1_000.0))
    broken = replace(debate, annotations=replace(debate.annotations, entities=(*others, nowhere)))
    good = a_debate(url="https://x.example/good")
    outcome, other = await shelf.indexer().index([broken, good])
    assert (outcome.status, outcome.reason) == (REFUSED, Reason.REFUSED_BY_INDEX)
    assert "geo.location" in outcome.detail
    assert "1000" not in outcome.detail
    assert other.status is INDEXED
    assert (await shelf.articles()).keys() == {good.article.id}
    assert (await shelf.statements()).keys() == statement_ids(good, 2)


async def test_a_field_that_is_not_mapped_is_refused(shelf: Shelf) -> None:
    await shelf.indexer().index([a_debate()])
    answer = await shelf.client.bulk(
        operations=[
            {"index": {"_index": f"{shelf.index.articles}-2026.03", "_id": "x"}},
            {"colour": "blue"},
        ]
    )
    error = answer["items"][0]["index"]["error"]
    assert error["type"] == "strict_dynamic_mapping_exception"


@pytest.mark.parametrize("limit", [1, 2_000, 10_000])
async def test_whatever_the_size_of_requests_all_is_written(shelf: Shelf, limit: int) -> None:
    batch = [a_debate(url=f"https://x.example/{n}", statements=3) for n in range(10)]
    indexer = shelf.indexer(bulk_max_bytes=limit)
    assert set(await statuses(indexer, *batch)) == {INDEXED}
    assert len(await shelf.statements()) == 30
    assert len(await shelf.articles()) == 10
