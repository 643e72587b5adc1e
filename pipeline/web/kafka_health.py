"""Asks Kafka how the line is doing, at most every few seconds however many people look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pipeline.background import in_background
from pipeline.errors import Rejected
from pipeline.feeds.status import FeedStatus, feed_statuses
from pipeline.feeds.subscriptions import Subscription
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.feed_states import read_feed_states
from pipeline.kafka.groups import Role, sources
from pipeline.kafka.held import read_held
from pipeline.kafka.last_messages import read_last
from pipeline.records import DeadLetter, decode
from pipeline.settings import Settings
from pipeline.web.health import Letter, LineHealth, Station

T = TypeVar("T")

_LETTERS = 20
_FRESH_SECONDS = 10.0


class KafkaHealth:
    """A :class:`pipeline.web.health.Health` on a real cluster. ``subscriptions`` are read anew each
    time, as the feed consumer reads them."""

    def __init__(
        self, settings: Settings, subscriptions: Callable[[], Sequence[Subscription]]
    ) -> None:
        self._settings = settings
        self._subscriptions = subscriptions
        self._feeds = _Kept(lambda: in_background(self._read_feeds))
        self._line = _Kept(lambda: in_background(self._read_line))

    async def feeds(self) -> list[FeedStatus]:
        """Every feed, the worst first."""
        return await self._feeds.get()

    async def line(self) -> LineHealth:
        """The stations and what they could not read."""
        return await self._line.get()

    def _read_feeds(self) -> list[FeedStatus]:
        kafka, topics = self._settings.kafka, self._settings.topics
        states = read_feed_states(kafka, topics.feeds)
        return feed_statuses(self._subscriptions(), states)

    def _read_line(self) -> LineHealth:
        kafka, topics = self._settings.kafka, self._settings.topics
        with Cluster(kafka) as cluster:
            stations = [
                Station(source.topic, cluster.lag(source.group, source.topic).behind)
                for role in Role
                for source in sources(kafka, topics, role)
            ]
        kept, newest = read_last(kafka, topics.dead_letters, _LETTERS)
        letters = [letter for value in newest if (letter := _letter(value))]
        letters.sort(key=lambda letter: letter.failed_at, reverse=True)
        return LineHealth(
            stations=tuple(stations),
            dead_letters=kept,
            letters=tuple(letters[:_LETTERS]),
            held=tuple(read_held(kafka, topics.stations, datetime.now(UTC))),
        )


def _letter(value: bytes) -> Letter | None:
    try:
        letter = decode(value, DeadLetter)
    except Rejected:  # what a later version wrote
        return None
    return Letter(
        stage=letter.stage, reason=letter.reason, detail=letter.detail, failed_at=letter.failed_at
    )


class _Kept(Generic[T]):
    """An answer that is asked for again once it is old; one question at a time."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._lock = asyncio.Lock()
        self._answer: tuple[float, T] | None = None

    async def get(self) -> T:
        """The answer; lets the errors of asking out."""
        async with self._lock:
            now = time.monotonic()
            if self._answer is None or now - self._answer[0] > _FRESH_SECONDS:
                self._answer = (time.monotonic(), await self._ask())
            return self._answer[1]
