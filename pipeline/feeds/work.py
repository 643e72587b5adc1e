"""What one poll may take of fetching and reading, and what it took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import FeedWork
from pipeline.settings import FeedSettings

HOUR = timedelta(hours=1)
# A feed is slow where its documents took long on the average, and enough of them to tell: measured
# in shares of feeds.timeout_seconds (2 s and 10 s of 30 s). Most sites answer in a third of a
# second, and a page is read in a tenth of one.
_SLOW_MEAN = 1 / 15
_SLOW_SECONDS = 1 / 3


def opened(before: FeedWork | None, now: datetime) -> FeedWork:
    """The account of a poll that begins: that of the hour under way, or of a new hour."""
    if before is not None and timedelta(0) <= now - before.since < HOUR:
        return before
    return replace(before or FeedWork(since=now), since=now, seconds=0.0)


def over_budget(work: FeedWork, limit: float) -> str | None:
    """Why no more pages are read for a feed, for people; None where some may be."""
    if work.seconds < limit:
        return None
    return (
        f"its documents took {work.seconds:.0f} s since {work.since:%H:%M}, and may take "
        f"{limit:g} s an hour (feeds.work_seconds_per_hour)"
    )


def took_long(seconds: float, documents: int, timeout: float) -> bool:
    """Whether so many documents in so many seconds are those of a slow feed."""
    return seconds >= timeout * _SLOW_SECONDS and seconds >= documents * timeout * _SLOW_MEAN


class PollWork:
    """The account of one poll, as it grows; a :class:`pipeline.feeds.turns.Guest` in its feed's
    name. ``deadline`` is a time of the event loop."""

    def __init__(
        self,
        subscription: Subscription,
        before: FeedWork | None,
        settings: FeedSettings,
        now: datetime,
    ) -> None:
        self.subscription = subscription
        self.deadline = asyncio.get_running_loop().time() + settings.poll_timeout_seconds
        self._settings = settings
        self._account = opened(before, now)
        self._seconds = 0.0
        self._documents = 0

    @property
    def key(self) -> str:
        """In whose name turns are taken."""
        return self.subscription.id

    @property
    def is_slow(self) -> bool:
        """As the last poll left it, until this one can tell better."""
        if self._seconds < self._settings.timeout_seconds * _SLOW_SECONDS:
            return self._account.is_slow
        return took_long(self._seconds, self._documents, self._settings.timeout_seconds)

    @contextmanager
    def timed(self, documents: int = 1) -> Iterator[None]:
        """Count what it takes to fetch or to read so many documents."""
        started = asyncio.get_running_loop().time()
        try:
            yield
        finally:
            self._documents += documents
            self._seconds += asyncio.get_running_loop().time() - started

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Raise FetchFailed at the deadline."""
        try:
            async with asyncio.timeout_at(self.deadline):
                yield
        except TimeoutError as error:
            raise FetchFailed(self.too_late, permanent=False) from error

    @property
    def too_late(self) -> str:
        """What is said at the deadline."""
        limit = self._settings.poll_timeout_seconds
        return f"not done in the {limit:g} s of a poll (feeds.poll_timeout_seconds)"

    def refusal(self) -> str | None:
        """Why no more pages are to be read in this poll; None where some are."""
        taken = replace(self._account, seconds=self._account.seconds + self._seconds)
        return over_budget(taken, self._settings.work_seconds_per_hour)

    @property
    def account(self) -> FeedWork:
        """What is saved."""
        seconds = self._account.seconds + self._seconds
        return replace(self._account, seconds=round(seconds, 3), is_slow=self.is_slow)

    def put_off(self, entries: int, reason: str | None) -> None:
        """So many entries wait for a later poll, after this one."""
        self._account = replace(self._account, put_off=entries, reason=reason)
