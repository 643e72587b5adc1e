"""Health is written at intervals, and never holds up the line."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, cast

import pytest
from elastic_transport import ConnectionError as NoConnection
from elasticsearch import AsyncElasticsearch
from prometheus_client import CollectorRegistry, Counter

from pipeline.errors import ServiceUnavailable
from pipeline.health import Reporter, reporting
from pipeline.health import reporter as module
from pipeline.index import fields
from tests.fakes.elasticsearch import Answer, Scripted, ScriptedBulk, every, failing
from tests.fakes.polls import POLLED
from tests.fakes.records import NOW

ALIAS = "news-health"
OUTAGE = failing(NoConnection("gone"))


class Process:
    """A process that counts, with its reporter and what reaches Elasticsearch."""

    def __init__(self, *answers: Scripted) -> None:
        registry = CollectorRegistry()
        self.things = Counter("news_things", "Things.", registry=registry)
        self.elasticsearch = ScriptedBulk(*(answers or (every(201),)))
        self.provided: list[set[str]] = []
        self.closed = False
        self.lags: Mapping[str, int] | ServiceUnavailable = {"enrich": 2}
        self.reporter = Reporter(
            cast("AsyncElasticsearch", self.elasticsearch),
            ALIAS,
            "feeds",
            counters=registry.collect,
            lags=self._lags,
            clock=lambda: NOW,
            provide=self._provide,
        )

    async def _provide(self, indices: set[str]) -> None:
        self.provided.append(indices)

    def _lags(self) -> Mapping[str, int]:
        if isinstance(self.lags, ServiceUnavailable):
            raise self.lags
        return self.lags

    async def close(self) -> None:
        self.closed = True

    def written(self) -> list[str]:
        """The data sets of all documents that were sent, in order."""
        lines = [line for request in self.elasticsearch.requests for line in request[1::2]]
        documents: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [each[fields.DATASET] for each in documents]


async def test_a_report_holds_polls_lag_and_what_was_counted() -> None:
    process = Process()
    process.reporter.heard(POLLED)
    process.things.inc()
    await process.reporter.report()
    assert process.written() == ["news.polls", "news.lag", "news.counts"]


async def test_what_was_told_is_not_told_again() -> None:
    process = Process()
    process.lags = {}
    process.things.inc()
    await process.reporter.report()
    await process.reporter.report()
    assert process.written() == ["news.counts"]


async def test_without_kafka_the_rest_is_written() -> None:
    process = Process()
    process.lags = ServiceUnavailable("no Kafka")
    process.things.inc()
    await process.reporter.report()
    assert process.written() == ["news.counts"]


@pytest.mark.parametrize("trouble", [OUTAGE, every(503), every(429)])
async def test_what_could_not_be_written_is_written_later(
    trouble: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    process = Process(trouble, every(201))
    process.reporter.heard(POLLED)
    with caplog.at_level(logging.INFO):
        await process.reporter.report_counts()
        await process.reporter.report_counts()
    first, second = process.elasticsearch.requests
    assert first == second
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_a_long_outage_is_told_once_and_fills_no_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    process = Process(OUTAGE)
    for _ in range(module.MOST_KEPT + 5):
        process.reporter.heard(POLLED)
    for _ in range(3):
        await process.reporter.report_counts()
    assert len(process.reporter._pending) == module.MOST_KEPT
    assert len(caplog.records) == 1


async def test_a_refused_document_is_told_and_given_up(caplog: pytest.LogCaptureFixture) -> None:
    process = Process(every(400, "document_parsing_exception"))
    process.reporter.heard(POLLED)
    await process.reporter.report_counts()
    await process.reporter.report_counts()
    assert len(process.elasticsearch.requests) == 1
    assert "document_parsing_exception" in caplog.text


async def test_the_index_of_a_month_is_made_before_it_is_written() -> None:
    process = Process(every(404, "index_not_found_exception"), every(201))
    process.reporter.heard(POLLED)
    await process.reporter.report_counts()
    assert process.provided == [{f"{ALIAS}-2026.03"}]
    refused, taken = process.elasticsearch.requests
    assert refused == taken


async def test_reports_come_at_intervals_and_once_more_at_the_end() -> None:
    reported = asyncio.Event()

    def answer(count: int) -> Answer:
        reported.set()
        return every(201)(count)

    process = Process(answer)
    process.lags = {}
    async with reporting(process.reporter, 0.01, process.close):
        process.things.inc()
        await reported.wait()
        process.things.inc()
    assert process.written() == ["news.counts"] * 2
    assert process.closed


async def test_an_end_in_an_outage_waits_for_nobody() -> None:
    process = Process()

    async def hang(**_: Any) -> None:
        await asyncio.sleep(60)

    process.elasticsearch.bulk = hang  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(5), reporting(process.reporter, 60, process.close, 0.05):
        process.reporter.heard(POLLED)
    assert process.closed
