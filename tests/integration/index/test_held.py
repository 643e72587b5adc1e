"""An index that lacks our mapping holds the station, and swallows nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.agents.batch import RawMessage
from pipeline.agents.gate import Clocks, Gate
from pipeline.agents.index import IndexHandler
from pipeline.index import IndexStatus, fields
from pipeline.index.documents import index_name
from pipeline.index.names import write_alias
from pipeline.index.provision import setup
from pipeline.index.templates import index_body, kinds
from pipeline.records import HeldStation, Stage, decode, encode
from tests.fakes.annotated import golden
from tests.fakes.debates import a_debate
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf


async def make(shelf: Shelf, index: str, change: Callable[[dict[str, Any]], None]) -> None:
    """An index of ours, but for what ``change`` does to its fields."""
    kind = next(each for each in kinds(shelf.index) if each.alias == shelf.index.articles)
    body = index_body(kind, shelf.index)
    change(body["mappings"]["properties"])
    aliases: dict[str, Any] = {kind.alias: {}, write_alias(index): {}}
    await shelf.client.indices.create(index=index, **body | {"aliases": aliases})


def lack_titles(properties: dict[str, Any]) -> None:
    """As an index that an earlier version made, before there was such a field."""
    del properties[fields.TITLE]


def number_titles(properties: dict[str, Any]) -> None:
    """As nobody's index should be."""
    properties[fields.TITLE] = {"type": "long"}


async def test_a_mapping_that_lacks_fields_is_brought_up_to_date(shelf: Shelf) -> None:
    batch = [a_debate(url=f"https://x.example/{n}", statements=2) for n in range(3)]
    index = index_name(shelf.index.articles, batch[0].article.first_seen_at)
    await shelf.client.indices.delete_index_template(name=shelf.index.articles)
    await make(shelf, index, lack_titles)
    outcomes = await shelf.indexer().index(batch)
    assert {each.status for each in outcomes} == {IndexStatus.INDEXED}
    assert len(await shelf.articles()) == len(batch)


async def test_a_batch_that_a_wrong_mapping_refuses_goes_through_once_it_is_mended(
    shelf: Shelf,
) -> None:
    batch = [golden("nominal-speaker"), golden("negated-attribution")]
    batch += [a_debate(url=f"https://x.example/{n}", statements=2) for n in range(10)]
    months = {index_name(shelf.index.articles, each.article.first_seen_at) for each in batch}
    await shelf.client.indices.delete_index_template(name=shelf.index.articles)
    for name in months:
        await make(shelf, name, number_titles)
    publisher, tries = FakePublisher(), []

    async def mend(seconds: float) -> None:
        tries.append(seconds)
        if len(tries) == 3:
            await shelf.client.indices.delete(index=",".join(months))
            await setup(shelf.client, shelf.index)

    gate = Gate(Stage.INDEX, shelf.settings, publisher, Clocks(lambda: NOW, sleep=mend))
    handler = IndexHandler(shelf.settings, shelf.indexer(), publisher, lambda: NOW, gate)
    topic = shelf.settings.topics.enriched
    await handler(
        [
            RawMessage(topic=topic, partition=0, offset=n, key=b"k", value=encode(each))
            for n, each in enumerate(batch)
        ]
    )
    assert publisher.of(shelf.settings.topics.dead_letters) == []
    assert (await shelf.articles()).keys() == {each.article.id for each in batch}
    assert len(await shelf.statements()) == sum(len(e.annotations.statements) for e in batch)
    held = publisher.of(shelf.settings.topics.stations)
    assert decode(held[0].value, HeldStation).stage is Stage.INDEX
    assert held[-1].value is None
