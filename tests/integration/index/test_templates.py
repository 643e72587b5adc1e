"""Templates, aliases and retention on the real Elasticsearch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import ConfigurationError
from pipeline.index.client import indices_behind
from pipeline.index.existing import NotOurs
from pipeline.index.names import write_alias
from pipeline.index.provision import setup
from pipeline.index.retention import apply_retention
from pipeline.index.templates import ANALYSIS, ARTICLES, SCHEMA_VERSION
from tests.fakes.debates import debate_at
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf


async def test_setup_can_be_repeated(shelf: Shelf) -> None:
    await setup(shelf.client, shelf.index)
    await shelf.indexer().index([debate_at(NOW)])
    await setup(shelf.client, shelf.index)


async def test_the_index_of_a_new_month_joins_the_read_alias(shelf: Shelf) -> None:
    months = [NOW, NOW + timedelta(days=31)]
    batch = [debate_at(time, url=f"https://x.example/{time:%m}") for time in months]
    await shelf.indexer().index(batch)
    assert await indices_behind(shelf.client, shelf.index.articles) == [
        f"{shelf.index.articles}-2026.03",
        f"{shelf.index.articles}-2026.04",
    ]


async def test_an_index_carries_its_schema_version_and_every_field(shelf: Shelf) -> None:
    await shelf.indexer().index([debate_at(NOW)])
    name = f"{shelf.index.articles}-2026.03"
    mappings = (await shelf.client.indices.get_mapping(index=name))[name]["mappings"]
    assert mappings["_meta"]["schema_version"] == SCHEMA_VERSION
    assert mappings["dynamic"] == "strict"
    answer = await shelf.client.field_caps(index=name, fields=list(ARTICLES))
    assert answer["fields"].keys() >= ARTICLES.keys() - {"mentions"}


async def test_setup_brings_an_index_of_an_earlier_schema_up_to_the_mappings(
    shelf: Shelf,
) -> None:
    name = f"{shelf.index.articles}-2026.03"
    await shelf.client.indices.delete_index_template(name=shelf.index.articles)
    await shelf.client.indices.create(
        index=name,
        aliases={shelf.index.articles: {}},
        settings={"analysis": ANALYSIS},
        mappings={"_meta": {"schema_version": 4}},
    )
    await setup(shelf.client, shelf.index)
    index = (await shelf.client.indices.get(index=name))[name]
    assert index["mappings"]["_meta"]["schema_version"] == SCHEMA_VERSION
    assert index["aliases"].keys() == {shelf.index.articles, write_alias(name)}


async def test_an_index_that_cannot_take_the_mappings_is_named(
    shelf: Shelf,
) -> None:
    name = f"{shelf.index.articles}-2026.03"
    await shelf.client.indices.delete_index_template(name=shelf.index.articles)
    await shelf.client.indices.create(
        index=name,
        aliases={shelf.index.articles: {}},
        mappings={"_meta": {"schema_version": 4}, "properties": {"title": {"type": "long"}}},
    )
    with pytest.raises(NotOurs, match=shelf.index.articles):
        await setup(shelf.client, shelf.index)


async def test_an_alias_that_is_an_index_is_a_configuration_error(shelf: Shelf) -> None:
    await shelf.client.indices.create(index=shelf.index.articles)
    with pytest.raises(ConfigurationError, match="alias"):
        await setup(shelf.client, shelf.index)
    await shelf.client.indices.delete(index=shelf.index.articles)


async def test_superseded_revisions_go_with_their_month(shelf: Shelf) -> None:
    long_ago = datetime(2026, 1, 5, tzinfo=UTC)
    for revision, title in enumerate(("Old", "New"), start=1):
        await shelf.indexer().index([debate_at(long_ago, title=title, revision=revision)])
    assert len(await shelf.revisions()) == 1
    chosen = shelf.index.model_copy(update={"retain_months": 1})
    assert f"{shelf.index.revisions}-2026.01" in await apply_retention(shelf.client, chosen, NOW)
    assert await shelf.revisions() == {}


async def test_retention_drops_old_months_of_both_kinds(shelf: Shelf) -> None:
    times = [datetime(2026, month, 5, tzinfo=UTC) for month in (1, 2, 3)]
    batch = [debate_at(time, url=f"https://x.example/{time:%m}") for time in times]
    await shelf.indexer().index(batch)
    chosen = shelf.index.model_copy(update={"retain_months": 1})
    assert await apply_retention(shelf.client, chosen, NOW) == [
        f"{shelf.index.articles}-2026.01",
        f"{shelf.index.statements}-2026.01",
    ]
    assert len(await shelf.articles()) == 2
    assert await apply_retention(shelf.client, chosen, NOW) == []
