"""Writes the health of one process at intervals. It never holds up the line: what cannot be written
is kept, up to a bound, and tried again with what comes next."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from elasticsearch import ApiError, AsyncElasticsearch, TransportError
from prometheus_client.metrics_core import Metric

from pipeline.background import in_background
from pipeline.errors import PipelineError
from pipeline.feeds.poll import PollOutcome
from pipeline.health.counters import increases, totals
from pipeline.health.documents import (
    HealthDocument,
    count_documents,
    lag_documents,
    poll_document,
)
from pipeline.index.bulk import IndexMissing, Provide, bulk_once
from pipeline.index.bulk_outcome import Operation, Refused
from pipeline.index.client import describe

logger = logging.getLogger(__name__)

MOST_KEPT = 10_000
_AT_ONCE = 1_000
LAST_REPORT_SECONDS = 5.0

Lags = Callable[[], Mapping[str, int]]
"""Messages before each station. Blocks; raises PipelineError when Kafka does not tell."""


class Reporter:
    """The health of one process, called a ``station``.

    ``counters`` are its counters as a registry collects them, ``clock`` gives the time, with its
    zone. Documents go behind the alias ``alias``; ``provide`` makes the index of a month.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        alias: str,
        station: str,
        *,
        counters: Callable[[], Iterable[Metric]],
        lags: Lags,
        clock: Callable[[], datetime],
        provide: Provide,
    ) -> None:
        self._client = client
        self._alias = alias
        self._station = station
        self._counters = counters
        self._lags = lags
        self._clock = clock
        self._provide = provide
        self._process = uuid.uuid4().hex
        self._before = totals(counters())
        self._pending: deque[HealthDocument] = deque(maxlen=MOST_KEPT)
        self._problem: str | None = None

    def heard(self, polled: PollOutcome) -> None:
        """A feed was polled."""
        self._pending.append(poll_document(polled, self._station))

    async def report(self) -> None:
        """Write what happened since the last report, and how far the stations are behind."""
        with suppress(PipelineError):  # the lag is not known while Kafka is away, and that is all
            lags = await in_background(self._lags)
            self._pending += lag_documents(lags, self._station, self._clock())
        await self.report_counts()

    async def report_counts(self) -> None:
        """Write what was counted and polled since the last report. Never raises for an outage."""
        after = totals(self._counters())
        grown = increases(self._before, after)
        self._before = after
        self._pending += count_documents(grown, self._station, self._process, self._clock())
        try:
            await self._flush()
        except PipelineError as error:
            self._tell(str(error))
        except (TransportError, ApiError) as error:
            self._tell(describe(error))

    async def _flush(self) -> None:
        while self._pending:
            chunk = [self._pending.popleft() for _ in range(min(len(self._pending), _AT_ONCE))]
            try:
                refused = await self._send([each.operation(self._alias) for each in chunk])
            except BaseException:
                self._pending.extendleft(reversed(chunk))
                raise
            self._tell(refused)

    async def _send(self, operations: list[Operation]) -> str | None:
        """Write all; what is refused is lost, and the reason of the first is returned. Raises
        ServiceUnavailable where single operations are to be tried again."""
        try:
            outcomes = await bulk_once(self._client, operations)
        except IndexMissing as missing:
            await self._provide(missing.indices)
            outcomes = await bulk_once(self._client, operations)
        return next((each.detail for each in outcomes if isinstance(each, Refused)), None)

    def _tell(self, problem: str | None) -> None:
        """Log a problem when it begins and when it is over, not each time."""
        if problem != self._problem:
            if problem is None:
                logger.info("health is written again")
            else:
                logger.warning("health cannot be written: %s", problem)
        self._problem = problem


@asynccontextmanager
async def reporting(
    reporter: Reporter,
    interval_seconds: float,
    close: Callable[[], Awaitable[None]],
    last_seconds: float = LAST_REPORT_SECONDS,
) -> AsyncIterator[Reporter]:
    """Report at intervals while the context lasts, and once more at its end, for ``last_seconds``
    at most; then ``close``."""
    task = asyncio.create_task(_report_for_ever(reporter, interval_seconds))
    try:
        yield reporter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(reporter.report_counts(), last_seconds)
        await close()


async def _report_for_ever(reporter: Reporter, interval_seconds: float) -> None:
    while True:
        await asyncio.sleep(interval_seconds)
        try:
            await reporter.report()
        except Exception:
            logger.exception("health cannot be written; the line goes on")
