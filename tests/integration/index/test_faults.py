"""Outages of every kind between the indexer and the real Elasticsearch: nothing is lost."""

from __future__ import annotations

import asyncio

import pytest
from elasticsearch import AsyncElasticsearch

from pipeline.index import IndexStatus, fields
from pipeline.index.client import connect
from pipeline.metrics import OUTAGES
from pipeline.records import EnrichedArticle, Reason
from tests.contract.revisions import Documents, month_made
from tests.fakes.debates import a_debate
from tests.fakes.faulty_proxy import (
    Fault,
    FaultyProxy,
    answers,
    hangs,
    items_fail,
    loses_an_item,
    passes,
    resets,
    resets_after_writing,
    speaks_html,
    waits_for,
)
from tests.integration.shelf import Shelf
from tests.stacks import free_ports

INDEXED, UNCHANGED = IndexStatus.INDEXED, IndexStatus.UNCHANGED
DUPLICATE, REFUSED = IndexStatus.DUPLICATE, IndexStatus.REFUSED

FAULTS = {
    "500": answers(500),
    "429": answers(429),
    "503": answers(503),
    "408": answers(408),
    "404 of a proxy": answers(404, "no such site"),
    "400 of a proxy": answers(400, "plain HTTP sent to an HTTPS port"),
    "no access": answers(401),
    "forbidden": answers(403),
    "a page": speaks_html,
    "an empty answer": answers(200, "{}"),
    "not JSON": answers(200, "{"),
    "reset": resets,
    "reset after writing": resets_after_writing,
    "no answer in time": hangs,
    "fewer items than asked": loses_an_item,
    "items with 503": items_fail(503, places={0, 2}),
    "items with 429": items_fail(429, places={1}),
}


async def statements_of(shelf: Shelf, enriched: EnrichedArticle) -> Documents:
    article_id = enriched.article.id
    every = await shelf.statements()
    return {key: each for key, each in every.items() if each[fields.ARTICLE_ID] == article_id}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Fault:
    return FAULTS[request.param]


async def test_a_bulk_fault_is_waited_out(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch, fault: Fault
) -> None:
    proxy.fail(passes, fault, fault)  # the first claims a home
    before = OUTAGES.labels(service="elasticsearch")._value.get()
    (outcome,) = await shelf.indexer(through_proxy).index([a_debate(statements=3)])
    assert proxy.exhausted
    assert outcome.status is INDEXED
    assert len(await shelf.articles()) == 1
    assert len(await shelf.statements()) == 3
    # At least one: the HTTP library repeats a request by itself when a kept connection was cut.
    assert len(shelf.waits) == shelf.beats >= 1
    assert OUTAGES.labels(service="elasticsearch")._value.get() - before == shelf.beats


@pytest.mark.parametrize("endpoint", ["_mget", "_bulk"])
@pytest.mark.parametrize(
    "name", ["500", "429", "reset", "reset after writing", "no answer in time", "no access"]
)
async def test_a_fault_while_finding_or_claiming_a_home_is_waited_out(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch, endpoint: str, name: str
) -> None:
    proxy.fail(FAULTS[name], endpoint=endpoint)
    (outcome,) = await shelf.indexer(through_proxy).index([a_debate()])
    assert outcome.status is INDEXED
    assert proxy.exhausted


async def test_a_shard_that_does_not_answer_is_not_taken_for_a_missing_article(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    indexer = shelf.indexer(through_proxy)
    await indexer.index([a_debate()])
    error = '{"docs":[{"_id":"x","error":{"type":"no_shard_available_action_exception"}}]}'
    proxy.fail(answers(200, error), endpoint="_mget")
    (outcome,) = await indexer.index([a_debate()])
    assert outcome.status is UNCHANGED
    assert shelf.beats == 1


async def test_only_the_failed_items_are_sent_again(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    await month_made(shelf)
    proxy.fail(passes, items_fail(503, places={1}))
    await shelf.indexer(through_proxy).index([a_debate(statements=6)])
    _home, first, again, _article = proxy.bulk_sizes
    assert again < first / 4


async def test_a_request_that_is_too_large_is_sent_in_halves(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    await month_made(shelf)
    proxy.fail(passes, answers(413, ""))
    debate = a_debate(statements=4)
    (outcome,) = await shelf.indexer(through_proxy).index([debate])
    assert outcome.status is INDEXED
    assert len(await statements_of(shelf, debate)) == 4
    _home, whole, first, second, _article = proxy.bulk_sizes
    assert first + second == whole
    assert shelf.beats == 0


async def test_a_single_document_that_is_too_large_is_refused_and_takes_its_statements_back(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    await month_made(shelf)
    proxy.fail(passes, passes, answers(413, ""))
    debate = a_debate()
    (outcome,) = await shelf.indexer(through_proxy).index([debate])
    assert (outcome.status, outcome.reason) == (REFUSED, Reason.TOO_LARGE)
    assert debate.article.id not in await shelf.articles()
    assert await statements_of(shelf, debate) == {}


async def test_one_of_two_documents_that_is_refused_with_its_request_is_found_out(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    refusal = answers(400, '{"error":{"type":"parse_exception","reason":"a secret"}}')
    await month_made(shelf)
    proxy.fail(passes, refusal, passes, refusal)
    batch = [a_debate(url=f"https://x.example/{n}", statements=1) for n in range(2)]
    good, bad = await shelf.indexer(through_proxy).index(batch)
    assert good.status is INDEXED
    assert (bad.status, bad.detail) == (REFUSED, "HTTP 400 parse_exception")
    assert len(await statements_of(shelf, batch[0])) == 1
    assert await statements_of(shelf, batch[1]) == {}


async def test_a_worker_killed_before_the_article_is_written_leaves_nothing_half(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    await month_made(shelf)
    arrived = asyncio.Event()
    proxy.fail(passes, passes, waits_for(asyncio.Event(), arrived=arrived))
    debate = a_debate(statements=3)
    killed = asyncio.create_task(shelf.indexer(through_proxy).index([debate]))
    await arrived.wait()
    killed.cancel()
    assert debate.article.id not in await shelf.articles()
    (outcome,) = await shelf.indexer().index([debate])
    assert outcome.status is INDEXED
    assert len(await statements_of(shelf, debate)) == 3


async def test_a_revision_killed_half_way_is_put_right_by_the_one_that_takes_it_back(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    first, between = a_debate(statements=1), a_debate(statements=4, revision=2)
    back = a_debate(statements=1, revision=3)
    await month_made(shelf)
    await shelf.indexer().index([first])
    arrived = asyncio.Event()
    # What is replaced is kept in the first request, the statements are written in the second.
    proxy.fail(passes, passes, waits_for(asyncio.Event(), arrived=arrived))
    killed = asyncio.create_task(shelf.indexer(through_proxy).index([between]))
    await arrived.wait()
    killed.cancel()
    assert len(await statements_of(shelf, first)) == 4
    outcomes = await shelf.indexer().index([between, back])
    assert [each.status for each in outcomes] == [DUPLICATE, INDEXED]
    assert [s[fields.REVISION] for s in (await statements_of(shelf, first)).values()] == [3]


async def test_a_worker_that_lost_its_partition_leaves_no_statement_of_an_old_revision(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    go_on, arrived = asyncio.Event(), asyncio.Event()
    proxy.fail(passes, waits_for(go_on, arrived=arrived))
    old = asyncio.create_task(shelf.indexer(through_proxy).index([a_debate(statements=3)]))
    await arrived.wait()
    (new,) = await shelf.indexer().index([a_debate(statements=1, revision=2)])
    go_on.set()
    (late,) = await old
    assert (new.status, late.status) == (INDEXED, DUPLICATE)
    assert [s[fields.REVISION] for s in (await shelf.statements()).values()] == [2]


KEEPING = {
    "reading what is indexed": ("_mget", [passes, answers(503)]),
    "keeping it": ("_bulk", [answers(503)]),
    "an item of it": ("_bulk", [items_fail(429, places={0})]),
    "saying that it is kept": ("_bulk", [resets_after_writing]),
}


@pytest.mark.parametrize("where", KEEPING)
async def test_an_outage_while_a_revision_is_kept_is_waited_out(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch, where: str
) -> None:
    await shelf.indexer().index([a_debate(title="Old")])
    endpoint, faults = KEEPING[where]
    proxy.fail(*faults, endpoint=endpoint)
    (outcome,) = await shelf.indexer(through_proxy).index([a_debate(title="New", revision=2)])
    assert outcome.status is INDEXED
    assert proxy.exhausted
    assert [each[fields.TITLE] for each in (await shelf.revisions()).values()] == ["Old"]
    assert [each[fields.TITLE] for each in (await shelf.articles()).values()] == ["New"]


async def test_elasticsearch_down_at_the_start_is_waited_for(shelf: Shelf) -> None:
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    client = connect(
        shelf.settings.elasticsearch.model_copy(
            update={"hosts": (address,), "request_timeout_seconds": 0.5}
        )
    )
    indexing = asyncio.create_task(shelf.indexer(client).index([a_debate()]))
    await shelf.waited(5)
    assert not indexing.done()
    async with FaultyProxy(shelf.settings.elasticsearch.hosts[0], port=port):
        (outcome,) = await indexing
    await client.close()
    assert outcome.status is INDEXED
    assert shelf.beats >= 5
