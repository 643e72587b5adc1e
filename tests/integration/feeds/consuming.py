"""A feed consumer with its real fetcher over real sockets; Kafka is in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from pipeline.feeds.consumer import FeedConsumer
from pipeline.feeds.entry_reader import EntryReader, Parses
from pipeline.feeds.fetch import Fetcher
from pipeline.feeds.poll import Poller, PollOutcome
from pipeline.feeds.robots import RobotsCache
from pipeline.feeds.shelf import Shelf
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import FeedState
from pipeline.settings import Settings
from tests.fakes.feeds import DirectParsers
from tests.fakes.kafka import FakeFeedShare, FakeFeedStates, FakePublisher


def now() -> datetime:
    return datetime.now(UTC)


class Polls:
    """Every poll that ended, with how late it began: ``slips`` are in seconds."""

    def __init__(self, states: FakeFeedStates) -> None:
        self.states = states
        self.outcomes: list[PollOutcome] = []
        self.slips: dict[str, list[float]] = {}
        self._heard = asyncio.Event()
        self._due = {key: state.next_poll_at for key, state in states.states.items()}

    def heard(self, outcome: PollOutcome) -> None:
        state, due = outcome.state, self._due.get(outcome.feed_id)
        if due is not None:
            slip = max(timedelta(0), state.polled_at - due)
            self.slips.setdefault(outcome.feed_id, []).append(slip.total_seconds())
        self._due[outcome.feed_id] = state.next_poll_at
        self.outcomes.append(outcome)
        self._heard.set()

    def of(self, feed_id: str) -> list[PollOutcome]:
        return [each for each in self.outcomes if each.feed_id == feed_id]

    async def until(self, feed_ids: Iterable[str], times: int, seconds: float) -> None:
        """Wait until each of these feeds was polled so often. Raises TimeoutError."""
        wanted = set(feed_ids)
        async with asyncio.timeout(seconds):
            while any(len(self.of(feed_id)) < times for feed_id in wanted):
                self._heard.clear()
                await self._heard.wait()


@asynccontextmanager
async def consuming(
    settings: Settings,
    subscriptions: Iterable[Subscription],
    *,
    parsers: Parses | None = None,
    states: Iterable[FeedState] = (),
) -> AsyncIterator[Polls]:
    """Follow feeds; those with ``states`` go on from these."""
    section, saved, published = settings.feeds, FakeFeedStates(), FakePublisher()
    saved.states = {state.feed_id: state for state in states}
    polls = Polls(saved)
    with Shelf() as shelf:
        async with Fetcher(section) as fetcher:
            robots = RobotsCache(fetcher, "news-pipeline")
            reader = EntryReader(fetcher, parsers or DirectParsers(), robots, section, now)
            poller = Poller(reader, published, settings, now, shelf.articles)
            consumer = FeedConsumer(
                subscriptions,
                poller,
                shelf.states,
                shelf.articles,
                now,
                concurrency=section.concurrency,
                per_host=section.polls_per_host,
                on_poll=polls.heard,
            )
            share = FakeFeedShare(saved).gives(0, 1)
            following = asyncio.create_task(consumer.follow(share))
            try:
                yield polls
            finally:
                following.cancel()
                with suppress(asyncio.CancelledError):
                    await following
