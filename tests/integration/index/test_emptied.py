"""An Elasticsearch that was emptied, restored or taken over: nothing is written where no search
finds it."""

from __future__ import annotations

import asyncio

import pytest
from elasticsearch import AsyncElasticsearch

from pipeline.errors import ConfigurationError
from pipeline.index import IndexStatus
from pipeline.index.names import write_alias
from pipeline.index.provision import Provision, setup
from pipeline.index.templates import SCHEMA_VERSION
from pipeline.records import Reason
from tests.fakes.debates import a_debate, debate_at
from tests.fakes.faulty_proxy import FaultyProxy, answers, passes
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

INDEXED = IndexStatus.INDEXED


async def assert_strict(shelf: Shelf) -> None:
    """Every index of the line has our mappings and both aliases."""
    found = await shelf.client.indices.get(index=",".join(f"{a}-*" for a in shelf.index.aliases))
    assert found.body
    for name, index in found.body.items():
        assert index["mappings"]["dynamic"] == "strict"
        assert index["mappings"]["_meta"]["schema_version"] == SCHEMA_VERSION
        assert write_alias(name) in index["aliases"]
        assert set(shelf.index.aliases) & index["aliases"].keys()


async def test_what_is_written_after_it_was_emptied_is_found(shelf: Shelf) -> None:
    indexer = shelf.indexer()
    await indexer.index([a_debate(url=f"https://x.example/{n}") for n in range(20)])
    await shelf.forget()
    batch = [a_debate(url=f"https://x.example/{n}") for n in range(40)]
    assert {each.status for each in await indexer.index(batch)} == {INDEXED}
    assert len(await shelf.articles()) == 40
    assert len(await shelf.statements()) == 80
    await assert_strict(shelf)
    assert await shelf.client.indices.exists_index_template(name=shelf.index.articles)


@pytest.mark.parametrize("requests", range(4))
async def test_emptied_between_any_two_requests_of_a_batch_nothing_goes_astray(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch, requests: int
) -> None:
    await shelf.indexer().index([a_debate(url="https://x.example/first")])

    async def empties(_: object, forward: object) -> object:
        await shelf.forget()
        return await forward()  # type: ignore[operator]

    batch = [a_debate(url=f"https://x.example/{n}", statements=1) for n in range(5)]
    endpoint = "_bulk" if requests else "_mget"
    proxy.fail(*[passes] * (requests - 1), empties, endpoint=endpoint)  # type: ignore[arg-type]
    await shelf.indexer(through_proxy).index(batch)
    assert proxy.exhausted
    # What was acknowledged before it was emptied is gone, as ever; what is there is whole.
    again = await shelf.indexer(through_proxy).index(batch)
    assert all(each.reason is None for each in again)
    assert len(await shelf.articles()) == 5
    await assert_strict(shelf)


async def test_an_index_that_is_not_ours_is_never_written_and_is_named(shelf: Shelf) -> None:
    name = f"{shelf.index.articles}-2026.03"
    await shelf.client.indices.delete_index_template(name=shelf.index.articles)
    await shelf.client.indices.create(index=name)
    batch = [a_debate(url=f"https://x.example/{n}", statements=2) for n in range(3)]
    async with asyncio.timeout(20):
        outcomes = await shelf.indexer().index(batch)
    assert {each.reason for each in outcomes} == {Reason.MAPPING}
    (detail,) = {each.detail for each in outcomes}
    assert f"the index {name} was not made by this pipeline" in detail
    assert "pipeline check --repair" in detail
    assert (await shelf.client.count(index=name))["count"] == 0
    assert await shelf.statements() == {}
    await shelf.client.indices.delete(index=name)
    again = await shelf.indexer().index(batch)
    assert {each.status for each in again} == {INDEXED}
    await assert_strict(shelf)


async def test_indices_that_were_restored_without_aliases_and_homes_are_taken_up_again(
    shelf: Shelf,
) -> None:
    indexer = shelf.indexer()
    articles = [debate_at(NOW, url=f"https://x.example/{n}") for n in range(30)]
    await indexer.index(articles)
    name = f"{shelf.index.articles}-2026.03"
    await shelf.client.indices.delete_alias(index=name, name=[write_alias(name)])
    await shelf.client.indices.delete(index=f"{shelf.index.homes}-all")
    later = [debate_at(NOW.replace(month=4), url=f"https://x.example/{n}") for n in range(30)]
    outcomes = await indexer.index(later)
    assert {each.status for each in outcomes} == {IndexStatus.UNCHANGED}
    assert {each["_index"] for each in (await shelf.articles()).values()} == {name}
    await assert_strict(shelf)


async def test_articles_that_were_indexed_before_there_were_homes_get_theirs(
    shelf: Shelf,
) -> None:
    articles = [debate_at(NOW, url=f"https://x.example/{n}") for n in range(30)]
    await shelf.indexer().index(articles)
    await shelf.client.indices.delete(index=f"{shelf.index.homes}-all")
    provision = Provision(shelf.client, shelf.index)
    assert not await provision.is_whole()
    await setup(shelf.client, shelf.index)
    assert await provision.is_whole()
    await shelf.client.indices.refresh(index=shelf.index.homes)
    assert (await shelf.client.count(index=shelf.index.homes))["count"] == 30


async def test_indices_of_a_later_schema_are_neither_read_nor_written(shelf: Shelf) -> None:
    name = f"{shelf.index.articles}-2026.03"
    await shelf.client.indices.create(
        index=name, mappings={"_meta": {"schema_version": SCHEMA_VERSION + 1}}
    )
    with pytest.raises(ConfigurationError, match="schema"):
        await setup(shelf.client, shelf.index)


async def test_templates_are_put_back_after_an_outage(
    shelf: Shelf, proxy: FaultyProxy, through_proxy: AsyncElasticsearch
) -> None:
    await shelf.indexer().index([a_debate()])
    await shelf.client.indices.delete_index_template(name=shelf.index.articles)
    proxy.fail(answers(503), endpoint="_mget")
    await shelf.indexer(through_proxy).index([a_debate()])
    assert await shelf.client.indices.exists_index_template(name=shelf.index.articles)


async def test_a_full_disk_is_waited_out_and_named(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    await shelf.indexer().index([a_debate()])
    name = f"{shelf.index.articles}-2026.03"
    block = "index.blocks.read_only_allow_delete"
    await shelf.client.indices.put_settings(index=name, settings={block: True})
    indexing = asyncio.create_task(shelf.indexer().index([a_debate(url="https://x.example/2")]))
    async with asyncio.timeout(20):
        await shelf.waited(2)
    assert "read-only: the disk is full" in caplog.text
    await shelf.client.indices.put_settings(index=name, settings={block: None})
    (outcome,) = await indexing
    assert outcome.status is INDEXED
