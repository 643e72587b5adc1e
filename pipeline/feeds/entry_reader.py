"""Where an entry's text comes from: the feed itself, or the page it links to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.articles import full_text
from pipeline.feeds.canonical import host_of
from pipeline.feeds.fetch import Fetched, Fetches, FetchFailed, NotModified
from pipeline.feeds.parsed import Entry, Page, ParsedFeed
from pipeline.feeds.politeness import HostGate
from pipeline.feeds.robots import Robots, Verdict
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import Reason, SeenPage
from pipeline.settings import FeedSettings


class ParsesFeeds(Protocol):
    """Reads feeds."""

    async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Read a feed, or raise Rejected."""


class Parses(ParsesFeeds, Protocol):
    """What is needed of :class:`pipeline.feeds.parser_pool.ParserPool`."""

    async def page(self, data: bytes, *, url: str | None, content_type: str | None) -> Page:
        """Read a page, or raise Rejected."""


class PageRead(msgspec.Struct, frozen=True, kw_only=True):
    """The page has the text; validators are as the server sent them."""

    page: Page
    etag: str | None = None
    last_modified: str | None = None


class InFeed(msgspec.Struct, frozen=True):
    """The entry brings its whole text."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """There is no article to be had; ``payload`` is what was looked at."""

    reason: Reason
    detail: str
    payload: bytes


class Postponed(msgspec.Struct, frozen=True):
    """The page cannot be had now."""

    detail: str


Material: TypeAlias = PageRead | InFeed | Refused | Postponed


class EntryReader:
    """Fetches and reads the pages of entries as their sites allow it, few at a time from each
    host."""

    def __init__(
        self,
        fetcher: Fetches,
        parsers: Parses,
        robots: Robots,
        settings: FeedSettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._robots = robots
        self._settings = settings
        self._clock = clock
        self._gate = HostGate(settings.pages_per_host)

    async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Read a feed, or raise Rejected."""
        return await self._parsers.feed(data, url=url, content_type=content_type)

    async def read(self, subscription: Subscription, entry: Entry) -> Material:
        """What an article can be made of. Raises nothing."""
        if full_text(subscription, entry, self._settings.min_article_chars):
            return InFeed()
        found = await self._from_page(subscription, entry, SeenPage())
        if isinstance(found, NotModified):
            return Postponed("not modified, though nothing was known of it")
        return found

    async def read_again(
        self, subscription: Subscription, entry: Entry, known: SeenPage
    ) -> Material | NotModified:
        """What the page of an entry has now, ``known`` being what it had. Raises nothing."""
        return await self._from_page(subscription, entry, known)

    async def _from_page(
        self, subscription: Subscription, entry: Entry, known: SeenPage
    ) -> Material | NotModified:
        url = entry.url
        if url is None:
            return _refused(Reason.NOT_AN_ARTICLE, "the entry has no link and no full text", entry)
        allow_private = self.may_be_private(subscription, url)
        verdict = Verdict(allowed=True)
        if subscription.obey_robots:
            verdict = await self._robots.ask(url, self._clock(), allow_private=allow_private)
        if verdict.allowed is None:
            return Postponed("robots.txt of the page's site cannot be had")
        if not verdict.allowed:
            return _refused(Reason.ROBOTS, "robots.txt of its site does not allow the page", entry)
        try:
            fetched = await self._fetch(url, known, verdict.delay, allow_private=allow_private)
        except FetchFailed as failure:
            if failure.permanent:
                return _refused(Reason.FETCH_FAILED, str(failure), entry)
            return Postponed(str(failure))
        return fetched if isinstance(fetched, NotModified) else await self._page(fetched)

    def may_be_private(self, subscription: Subscription, url: str) -> bool:
        """A feed within the own network may lead to its own host there, and no further."""
        own_host = host_of(url) == host_of(subscription.url)
        return self._settings.allow_private_addresses or (
            subscription.allow_private_addresses and own_host
        )

    async def _fetch(
        self, url: str, known: SeenPage, wait: timedelta, *, allow_private: bool
    ) -> Fetched | NotModified:
        # The own network is no guest's house: what is there need not be spared.
        spared = 0.0 if allow_private else self._settings.host_delay_seconds
        delay = max(wait, timedelta(seconds=spared))
        async with self._gate.turn(host_of(url) or "", delay):
            return await self._fetcher.fetch(
                url,
                limit=self._settings.max_page_bytes,
                etag=known.etag,
                last_modified=known.last_modified,
                allow_private=allow_private,
            )

    async def _page(self, fetched: Fetched) -> PageRead | Refused:
        try:
            page = await self._parsers.page(
                fetched.body, url=fetched.url, content_type=fetched.content_type
            )
        except Rejected as rejected:
            return Refused(reason=rejected.reason, detail=rejected.detail, payload=fetched.body)
        return PageRead(page=page, etag=fetched.etag, last_modified=fetched.last_modified)


def _refused(reason: Reason, detail: str, entry: Entry) -> Refused:
    return Refused(reason=reason, detail=detail, payload=msgspec.json.encode(entry))
