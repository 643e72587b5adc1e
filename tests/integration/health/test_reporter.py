"""Health documents fit the mapping of a real Elasticsearch, and are found behind their alias."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from pipeline.health import Reporter
from pipeline.index import fields
from pipeline.index.provision import Provision
from tests.fakes.polls import POLLED
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf


async def test_a_report_is_found_behind_the_alias_and_once_however_often_it_is_written(
    shelf: Shelf,
) -> None:
    registry = CollectorRegistry()
    letters = Counter("news_letters", "Letters.", ["stage", "reason"], registry=registry)
    reporter = Reporter(
        shelf.client,
        shelf.index.health,
        "feeds",
        counters=registry.collect,
        lags=lambda: {"enrich": 3},
        clock=lambda: NOW,
        provide=Provision(shelf.client, shelf.index).ensure,
    )
    letters.labels("enrich", "schema").inc(4)
    for _ in range(2):
        reporter.heard(POLLED)
        await reporter.report()
    await shelf.client.indices.refresh(index=shelf.index.health)
    answer = await shelf.client.search(index=shelf.index.health)
    found = {hit["_source"][fields.DATASET]: hit for hit in answer["hits"]["hits"]}
    assert sorted(found) == ["news.counts", "news.lag", "news.polls"]
    assert answer["hits"]["total"]["value"] == 3
    assert {hit["_index"] for hit in found.values()} == {f"{shelf.index.health}-2026.03"}
    assert found["news.counts"]["_source"][fields.COUNTER_INCREASE] == 4
