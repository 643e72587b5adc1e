"""An index that lacks our mapping holds the station, and swallows nothing."""

from __future__ import annotations

import pytest

from pipeline.agents.batch import RawMessage
from pipeline.agents.gate import Clocks, Gate
from pipeline.agents.index import IndexHandler
from pipeline.index.documents import index_name
from pipeline.index.templates import setup
from pipeline.records import HeldStation, Stage, decode, encode
from tests.fakes.annotated import golden
from tests.fakes.debates import a_debate
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

FOREIGN = {
    "strict": {"dynamic": "strict", "properties": {"id": {"type": "keyword"}}},
    "of another type": {"properties": {"title": {"type": "long"}, "content": {"type": "long"}}},
}


@pytest.mark.parametrize("mapping", FOREIGN.values(), ids=FOREIGN.keys())
async def test_a_batch_that_a_wrong_mapping_refuses_goes_through_once_it_is_mended(
    shelf: Shelf, mapping: dict[str, object]
) -> None:
    batch = [golden("nominal-speaker"), golden("negated-attribution")]
    batch += [a_debate(url=f"https://x.example/{n}", statements=2) for n in range(10)]
    months = {index_name(shelf.index.articles, each.article.first_seen_at) for each in batch}
    await shelf.client.indices.delete_index_template(name=shelf.index.articles)
    for name in months:
        await shelf.client.indices.create(index=name, mappings=mapping)
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
