"""The feed consumer: every feed in its own time, none in the way of another."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.feeds.entry_reader import Fetches, Parses
from pipeline.feeds.poll import Poller, PollOutcome, begin
from pipeline.feeds.schedule import next_poll
from pipeline.feeds.settle import latest_of
from pipeline.feeds.subscriptions import Subscription
from pipeline.kafka.ports import FeedStates, Publisher
from pipeline.metrics import FEEDS_NOT_DUE, FEEDS_POLLED, OUTAGES
from pipeline.records import FeedState, SeenEntry
from pipeline.settings import Settings

logger = logging.getLogger(__name__)

_LOAD_RETRY_SECONDS = 2.0


class FeedConsumer:
    """Follows feeds. ``on_poll`` hears of every poll; ``clock`` gives the time, with its zone."""

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        fetcher: Fetches,
        parsers: Parses,
        publisher: Publisher,
        states: FeedStates,
        settings: Settings,
        clock: Callable[[], datetime],
        on_poll: Callable[[PollOutcome], None] = lambda _: None,
    ) -> None:
        self._subscriptions = subscriptions
        self._states = states
        self._settings = settings.feeds
        self._clock = clock
        self._on_poll = on_poll
        self._latest: dict[str, SeenEntry] = {}
        self._poller = Poller(fetcher, parsers, publisher, states, settings, clock, self._latest)
        self._slots = asyncio.Semaphore(settings.feeds.concurrency)

    async def run(self, *, once: bool, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set; with ``once``, each feed once.

        A poll that is under way when it stops is dropped: its state was not saved, so nothing is
        lost, and what it published falls away by its id next time. Raises ConfigurationError when
        Kafka is there but refuses us.
        """
        stopping = asyncio.create_task(stop.wait())
        following = asyncio.create_task(self._follow_all(once=once))
        try:
            await asyncio.wait({stopping, following}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            following.cancel()
            await asyncio.gather(stopping, following, return_exceptions=True)
        if not following.cancelled():
            following.result()

    async def _follow_all(self, *, once: bool) -> None:
        states = await self._load()
        self._latest.update(latest_of(states.values()))
        follow = self._poll_once if once else self._follow
        tasks = [
            asyncio.create_task(follow(each, states.get(each.id))) for each in self._subscriptions
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _load(self) -> Mapping[str, FeedState]:
        while True:
            try:
                return await self._states.load()
            except ServiceUnavailable as error:
                OUTAGES.labels("kafka").inc()
                logger.warning("cannot read the state of the feeds, trying again: %s", error)
                await asyncio.sleep(_LOAD_RETRY_SECONDS)

    async def _follow(self, subscription: Subscription, state: FeedState | None) -> None:
        due = self._clock()
        if state is not None:
            due = self._next(subscription, state, None)
            FEEDS_NOT_DUE.inc(due > self._clock())
        while True:
            await asyncio.sleep(max(0.0, (due - self._clock()).total_seconds()))
            outcome = await self._poll_once(subscription, state)
            state = outcome.state
            due = self._next(subscription, state, outcome.retry_after)

    def _next(
        self, subscription: Subscription, state: FeedState, retry_after: timedelta | None
    ) -> datetime:
        seconds = subscription.poll_interval_seconds or self._settings.poll_interval_seconds
        return next_poll(
            state.polled_at,
            interval=timedelta(seconds=seconds),
            failures=state.failures,
            chance=random.random(),  # noqa: S311 (spreads polls, protects nothing)
            retry_after=retry_after,
        )

    async def _poll_once(self, subscription: Subscription, state: FeedState | None) -> PollOutcome:
        async with self._slots:
            now = self._clock()
            try:
                outcome = await self._poller.poll(subscription, state, now)
            except ConfigurationError:  # it concerns every feed, and no next poll cures it
                raise
            except Exception:  # whatever it is, it must not stop the other feeds
                logger.exception("polling %s failed", subscription.id)
                outcome = _broken(subscription, state, now)
        self._report(outcome)
        return outcome

    def _report(self, outcome: PollOutcome) -> None:
        if outcome.state.error is not None:
            logger.warning("feed %s: %s", outcome.feed_id, outcome.state.error)
        self._on_poll(outcome)


def _broken(subscription: Subscription, state: FeedState | None, now: datetime) -> PollOutcome:
    """The outcome of a poll that raised; nothing of it is saved."""
    FEEDS_POLLED.labels("failed").inc()
    state = begin(subscription, state, now)
    state = msgspec.structs.replace(
        state, failures=state.failures + 1, error="the poll broke off; the log says why"
    )
    return PollOutcome(feed_id=subscription.id, outcome="failed", state=state)
