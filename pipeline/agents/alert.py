"""The alert agent's handler: notices in, alerts out.

An alert is on the ledger before the notices that led to it are acknowledged, and so is, of a search
that could not be asked, from where on it has to be asked again. What comes again is known by its
id. It decides within a tenure, so that no two workers decide about the same at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol

from pipeline.agents.batch import RawMessage, in_hand
from pipeline.agents.dead_letters import DeadLetters
from pipeline.agents.gate import Gate
from pipeline.agents.new_alerts import NewAlerts
from pipeline.agents.taken import Refused, Taken, take_all
from pipeline.agents.tenure import Tenure
from pipeline.alerts.known import KnownSearches, KnownWaiting
from pipeline.alerts.match import Batch
from pipeline.alerts.matcher import Matched
from pipeline.alerts.waiting import Placed, missed, rounds
from pipeline.kafka.ports import Publisher
from pipeline.kafka.states import WAITING_SEARCHES, state_message
from pipeline.records import Alert, IndexedArticle, SavedSearch, Stage, WaitingSearch
from pipeline.settings import Settings
from pipeline.telemetry.spans import Tracer


class Matching(Protocol):
    """What asks the searches of a batch."""

    async def match(self, searches: Sequence[SavedSearch], batch: Batch) -> Matched:
        """All that they find, made before or not, and which of them could not be asked."""


class Searches(NamedTuple):
    """The searches and what asks them. Whoever looks at who waits, and decides by it, does so while
    it holds ``deciding``: what one has passed over as waiting, the other must not have forgotten
    meanwhile."""

    known: KnownSearches
    waiting: KnownWaiting
    matcher: Matching
    alerts: NewAlerts
    deciding: asyncio.Lock


def oldest(settings: Settings) -> timedelta:
    """For how long an article alerts: an alert stays on the ledger for as long as its article may
    be corrected and found again."""
    return timedelta(days=min(settings.alerts.max_age_days, settings.topics.retention_days))


class AlertHandler:
    """Turns notices of indexed articles into alerts that were not there before."""

    def __init__(
        self,
        settings: Settings,
        searches: Searches,
        publisher: Publisher,
        clock: Callable[[], datetime],
        tenure: Tenure,
        gate: Gate,
        tracer: Tracer | None = None,
    ) -> None:
        self._max_age = oldest(settings)
        self._limit = settings.kafka.max_message_bytes
        self._topic = settings.topics.waiting
        self._searches = searches
        self._publisher = publisher
        self._clock = clock
        self._tenure = tenure
        self._gate = gate
        self._tracer = tracer or Tracer()
        self._letters = DeadLetters(settings, publisher, self._tracer)

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`pipeline.agents.batch.Handler`. Raises TenureEnded."""
        alert = partial(self._alert, self._tenure.number)
        with in_hand(Stage.ALERT, len(batch)):
            await self._gate.through(batch, alert, self._letters.settle)

    async def _alert(self, tenure: int, batch: Sequence[RawMessage]) -> list[Refused]:
        started, now = self._tracer.now(), self._clock()
        records, refused = take_all(
            batch, IndexedArticle, Stage.ALERT, self._limit, self._tracer, now
        )
        traces = {notice.article_id: taken.trace for taken, notice in records}
        async with self._searches.deciding:
            found, waiting = await self._found(records, now)
            async with self._tenure.decision(tenure):
                await self._searches.alerts.publish(found, traces)
                await self._publisher.publish(
                    [state_message(self._topic, WAITING_SEARCHES, each) for each in waiting]
                )
        self._tracer.ended(Stage.ALERT, started, (taken.step(len(batch)) for taken, _ in records))
        return refused

    async def _found(
        self, records: Sequence[tuple[Taken, IndexedArticle]], now: datetime
    ) -> tuple[list[Alert], list[WaitingSearch]]:
        placed = [
            Placed(taken.raw.partition, taken.raw.offset, notice) for taken, notice in records
        ]
        known = await self._searches.known.latest() if placed else {}
        active = [search for _, search in sorted(known.items()) if search.active]
        waiting = await self._searches.waiting.latest() if active else {}
        found: list[Alert] = []
        wait: list[WaitingSearch] = []
        for each in rounds(active, placed, waiting, self._max_age):
            matched = await self._searches.matcher.match(each.searches, each.batch)
            found += matched.alerts
            wait += missed(each, matched.refused, waiting, now)
        return found, wait
