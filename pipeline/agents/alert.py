"""The alert agent's two handlers: notices in and alerts out; alerts in and deliveries out.

An alert is on the ledger before the notices that led to it are acknowledged, and its deliveries are
saved before the alert is. What comes again is known by its id. Both decide within a tenure, so that
no two workers decide about the same at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import msgspec

from pipeline.agents.batch import RawMessage, letter, letter_message, read
from pipeline.agents.tenure import Tenure
from pipeline.alerts.book import DeliveryBook
from pipeline.alerts.known import KnownSearches, Ledger
from pipeline.alerts.match import Batch, recent
from pipeline.alerts.plan import planned
from pipeline.errors import Rejected
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.kafka.states import DELIVERIES, state_message
from pipeline.metrics import ALERTS, DEAD_LETTERS
from pipeline.records import (
    Alert,
    DeadLetter,
    Delivery,
    IndexedArticle,
    SavedSearch,
    Stage,
    encode,
)
from pipeline.settings import Settings

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
    ) -> None:
        self._settings = settings
        self._tenure = tenure
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
        tenure = self._tenure.number
        notices, letters = _read_all(batch, IndexedArticle, self._settings, self._clock())
        found = await self._found(recent((notice for _, notice in notices), self._max_age))
        topic = self._settings.topics.alerts
        async with self._tenure.decision(tenure):
            new = await self._ledger.unknown(found) if found else []
            await _deliver(self._publisher, [_message(each, topic) for each in new], letters)
        for alert in new:
            ALERTS.labels(alert.about).inc()

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
    ) -> None:
        self._settings = settings
        self._tenure = tenure
        self._searches = searches
        self._book = book
        self._publisher = publisher
        self._clock = clock
        self._on_planned = on_planned

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`pipeline.agents.batch.Handler`. Raises TenureEnded."""
        tenure = self._tenure.number
        now = self._clock()
        alerts, letters = _read_all(batch, Alert, self._settings, now)
        searches = await self._searches.latest()
        plans = [
            delivery
            for raw, alert in alerts
            for delivery in planned(alert, searches.get(alert.search_id), raw.partition, now)
        ]
        async with self._tenure.decision(tenure):
            await self._begin(plans, letters)
        self._on_planned()

    async def _begin(self, plans: Sequence[Delivery], letters: Sequence[Message]) -> None:
        await self._book.catch_up()
        new = self._book.unknown(plans)
        topic = self._settings.topics.deliveries
        messages = [state_message(topic, DELIVERIES, each) for each in new]
        await _deliver(self._publisher, messages, letters)
        for delivery in new:
            self._book.note(delivery)


def _read_all(
    batch: Sequence[RawMessage], record: type[R], settings: Settings, now: datetime
) -> tuple[list[tuple[RawMessage, R]], list[Message]]:
    """The records, and the dead letters of what is none."""
    records: list[tuple[RawMessage, R]] = []
    letters: list[Message] = []
    for raw in batch:
        try:
            records.append((raw, read(raw, record, settings.kafka.max_message_bytes)))
        except Rejected as refusal:
            dead = letter(raw, Stage.ALERT, refusal, now)
            _count(dead)
            letters.append(letter_message(dead, settings.topics.dead_letters, raw.position))
    return records, letters


async def _deliver(
    publisher: Publisher, messages: Sequence[Message], letters: Sequence[Message]
) -> None:
    if messages or letters:
        await publisher.publish([*messages, *letters])


def _count(record: DeadLetter) -> None:
    """No article ends here: it was indexed."""
    DEAD_LETTERS.labels(record.stage, record.reason).inc()


def _message(alert: Alert, topic: str) -> Message:
    return Message(
        topic=topic,
        key=alert.article_id.encode(),
        value=encode(alert),
        headers=cloud_event(event_id=alert.id, event_type=topic, time=alert.indexed_at),
    )
