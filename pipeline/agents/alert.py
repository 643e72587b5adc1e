"""The alert agent's two handlers: notices in and alerts out; alerts in and deliveries out.

An alert is on the ledger before the notices that led to it are acknowledged, and its deliveries are
saved before the alert is. What comes again is known by its id. Both decide within a tenure, so that
no two workers decide about the same at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec

from pipeline.agents.batch import RawMessage, in_hand, read
from pipeline.agents.dead_letters import DeadLetters
from pipeline.agents.gate import Gate
from pipeline.agents.taken import Refused, Taken, refuse, take
from pipeline.agents.tenure import Tenure
from pipeline.alerts.book import DeliveryBook
from pipeline.alerts.known import KnownSearches, Ledger
from pipeline.alerts.match import Batch, recent
from pipeline.alerts.plan import planned
from pipeline.errors import Rejected
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.kafka.states import DELIVERIES, state_message
from pipeline.metrics import ALERTS
from pipeline.records import (
    Alert,
    Delivery,
    IndexedArticle,
    SavedSearch,
    Stage,
    encode,
)
from pipeline.settings import Settings
from pipeline.telemetry.spans import Tracer
from pipeline.telemetry.trace import TraceContext

R = TypeVar("R", bound=msgspec.Struct)


class Matching(Protocol):
    """What asks the searches of a batch."""

    async def match(self, searches: Sequence[SavedSearch], batch: Batch) -> Sequence[Alert]:
        """All that they find, made before or not."""


class AlertHandler:
    """Turns notices of indexed articles into alerts that were not there before."""

    def __init__(
        self,
        settings: Settings,
        searches: KnownSearches,
        ledger: Ledger,
        matcher: Matching,
        publisher: Publisher,
        clock: Callable[[], datetime],
        tenure: Tenure,
        gate: Gate,
        *,
        tracer: Tracer | None = None,
    ) -> None:
        self._settings = settings
        self._tenure = tenure
        self._gate = gate
        self._tracer = tracer or Tracer()
        self._letters = DeadLetters(settings, publisher, self._tracer)
        # An alert stays on the ledger for as long as its article may be corrected and found again.
        days = min(settings.alerts.max_age_days, settings.topics.retention_days)
        self._max_age = timedelta(days=days)
        self._searches = searches
        self._ledger = ledger
        self._matcher = matcher
        self._publisher = publisher
        self._clock = clock

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`pipeline.agents.batch.Handler`. Raises TenureEnded."""
        alert = partial(self._alert, self._tenure.number)
        with in_hand(Stage.ALERT, len(batch)):
            await self._gate.through(batch, alert, self._letters.settle)

    async def _alert(self, tenure: int, batch: Sequence[RawMessage]) -> list[Refused]:
        started = self._tracer.now()
        read_of = _read_all(batch, IndexedArticle, self._settings, self._tracer, self._clock())
        found = await self._found(recent((each for _, each in read_of.records), self._max_age))
        traces = {notice.article_id: taken.trace for taken, notice in read_of.records}
        topic = self._settings.topics.alerts
        async with self._tenure.decision(tenure):
            new = await self._ledger.unknown(found) if found else []
            messages = [_message(each, topic, traces[each.article_id]) for each in new]
            await self._publisher.publish(messages)
        for alert in new:
            ALERTS.labels(alert.about).inc()
        steps = (taken.step(len(batch)) for taken, _ in read_of.records)
        self._tracer.ended(Stage.ALERT, started, steps)
        return read_of.refused

    async def _found(self, batch: Batch) -> Sequence[Alert]:
        if not batch.notices:
            return []
        searches = await self._searches.latest()
        active = [search for _, search in sorted(searches.items()) if search.active]
        return await self._matcher.match(active, batch) if active else []


class DeliveryHandler:
    """Turns alerts into deliveries to all destinations of their searches."""

    def __init__(
        self,
        settings: Settings,
        searches: KnownSearches,
        book: DeliveryBook,
        publisher: Publisher,
        clock: Callable[[], datetime],
        on_planned: Callable[[], None],
        tenure: Tenure,
        gate: Gate,
    ) -> None:
        self._settings = settings
        self._tenure = tenure
        self._gate = gate
        self._tracer = Tracer()
        self._letters = DeadLetters(settings, publisher, self._tracer)
        self._searches = searches
        self._book = book
        self._publisher = publisher
        self._clock = clock
        self._on_planned = on_planned

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`pipeline.agents.batch.Handler`. Raises TenureEnded."""
        plan = partial(self._plan, self._tenure.number)
        await self._gate.through(batch, plan, self._letters.settle)

    async def _plan(self, tenure: int, batch: Sequence[RawMessage]) -> list[Refused]:
        now = self._clock()
        read_of = _read_all(batch, Alert, self._settings, self._tracer, now)
        searches = await self._searches.latest()
        plans = [
            delivery
            for taken, alert in read_of.records
            for delivery in planned(alert, searches.get(alert.search_id), taken.raw.partition, now)
        ]
        async with self._tenure.decision(tenure):
            await self._begin(plans)
        self._on_planned()
        return read_of.refused

    async def _begin(self, plans: Sequence[Delivery]) -> None:
        await self._book.catch_up()
        new = self._book.unknown(plans)
        topic = self._settings.topics.deliveries
        await self._publisher.publish([state_message(topic, DELIVERIES, each) for each in new])
        for delivery in new:
            self._book.note(delivery)


class _Read(NamedTuple, Generic[R]):
    """The records of a batch, and what is none."""

    records: list[tuple[Taken, R]]
    refused: list[Refused]


def _read_all(
    batch: Sequence[RawMessage], record: type[R], settings: Settings, tracer: Tracer, now: datetime
) -> _Read[R]:
    read_of: _Read[R] = _Read([], [])
    for raw in batch:
        taken, what = take(
            raw, tracer, lambda each: read(each, record, settings.kafka.max_message_bytes)
        )
        if isinstance(what, Rejected):
            read_of.refused.append(refuse(taken, Stage.ALERT, what, now))
        else:
            read_of.records.append((taken, what))
    return read_of


def _message(alert: Alert, topic: str, trace: TraceContext) -> Message:
    return Message(
        topic=topic,
        key=alert.article_id.encode(),
        value=encode(alert),
        headers=cloud_event(
            event_id=alert.id, event_type=topic, time=alert.indexed_at, trace=trace
        ),
    )
