"""What one poll may take of fetching and reading, and what it took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from msgspec.structs import replace

from pipeline.feeds.canonical import host_of
from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.quotas import no_article, no_page, no_site, opened, quotas_of
from pipeline.feeds.subscriptions import Subscription
from pipeline.metrics import FEED_QUOTAS
from pipeline.records import FeedWork
from pipeline.settings import FeedSettings

# A feed is slow where its documents took long on the average, and enough of them to tell: measured
# in shares of feeds.timeout_seconds (2 s and 10 s of 30 s). Most sites answer in a third of a
# second, and a page is read in a tenth of one.
_SLOW_MEAN = 1 / 15
_SLOW_SECONDS = 1 / 3


def took_long(seconds: float, documents: int, timeout: float) -> bool:
    """Whether so many documents in so many seconds are those of a slow feed."""
    return seconds >= timeout * _SLOW_SECONDS and seconds >= documents * timeout * _SLOW_MEAN


class PollWork:
    """The account of one poll, as it grows; a :class:`pipeline.feeds.turns.Guest` in its feed's
    name. ``deadline`` is a time of the event loop.

    With ``newcomers_wait`` a feed that was never read counts as slow: nobody knows what it is like,
    and those that are known to be quick are not to wait until it is known.
    """

    def __init__(
        self,
        subscription: Subscription,
        before: FeedWork | None,
        settings: FeedSettings,
        now: datetime,
        *,
        newcomers_wait: bool = False,
    ) -> None:
        self.subscription = subscription
        self.deadline = asyncio.get_running_loop().time() + settings.poll_timeout_seconds
        self._settings = settings
        self._account = opened(before, now)
        self._quotas = quotas_of(settings, subscription.quota_factor)
        self._host = host_of(subscription.url)
        self._sites: set[str] = set()  # beside its own, led to in this poll
        self._has_to_wait = newcomers_wait and before is None
        self._seconds = 0.0
        self._documents = 0

    @property
    def key(self) -> str:
        """In whose name turns are taken."""
        return self.subscription.id

    @property
    def is_slow(self) -> bool:
        """As the last poll left it, until this one can tell better."""
        return self._has_to_wait or self._was_slow

    @property
    def _was_slow(self) -> bool:
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

    def page(self, url: str) -> str | None:
        """Why a page is not to be read in this poll; None where it is, and then it is counted."""
        host = host_of(url)
        is_new = host is not None and host != self._host and host not in self._sites
        account, quotas = self._sum, self._quotas
        if reason := no_page(account, quotas):
            return _counted("pages", reason)
        if is_new and (reason := no_site(account, quotas)):
            return _counted("sites", reason)
        self._account = replace(
            self._account, pages=self._account.pages + 1, sites=self._account.sites + is_new
        )
        if is_new and host is not None:
            self._sites.add(host)
        return None

    def no_article(self) -> str | None:
        """Why no more is to be published in this poll; None where more is."""
        reason = no_article(self._account, self._quotas)
        return _counted("articles", reason) if reason else None

    def gave_article(self) -> None:
        """Count an article, or what became a dead letter instead."""
        self._account = replace(self._account, articles=self._account.articles + 1)

    @property
    def _sum(self) -> FeedWork:
        return replace(self._account, seconds=self._account.seconds + self._seconds)

    @property
    def account(self) -> FeedWork:
        """What is saved."""
        account = self._sum
        return replace(account, seconds=round(account.seconds, 3), is_slow=self._was_slow)

    def put_off(self, entries: int, reason: str | None) -> None:
        """So many entries wait for a later poll, after this one."""
        self._account = replace(self._account, put_off=entries, reason=reason)


def _counted(quota: str, reason: str) -> str:
    FEED_QUOTAS.labels(quota).inc()
    return reason
