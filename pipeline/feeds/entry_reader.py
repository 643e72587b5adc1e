"""Where an entry's text comes from: the feed itself, or the page it links to."""

from __future__ import annotations

import asyncio
from typing import Protocol, TypeAlias
from weakref import WeakValueDictionary

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.articles import full_text
from pipeline.feeds.canonical import host_of
from pipeline.feeds.fetch import Fetched, FetchFailed, NotModified
from pipeline.feeds.parsed import Entry, Page, ParsedFeed
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import Reason
from pipeline.settings import FeedSettings

PAGES_PER_HOST = 2  # at a time, over all feeds


class Fetches(Protocol):
    """What is needed of :class:`pipeline.feeds.fetch.Fetcher`."""

    async def fetch(
        self,
        url: str,
        *,
        limit: int,
        etag: str | None = None,
        last_modified: str | None = None,
        allow_private: bool = False,
    ) -> Fetched | NotModified:
        """Get ``url``, or raise FetchFailed."""


class Parses(Protocol):
    """What is needed of :class:`pipeline.feeds.parser_pool.ParserPool`."""

    async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Read a feed, or raise Rejected."""

    async def page(self, data: bytes, *, url: str | None, content_type: str | None) -> Page:
        """Read a page, or raise Rejected."""


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


Material: TypeAlias = Page | InFeed | Refused | Postponed


class EntryReader:
    """Fetches and reads the pages of entries, few at a time from each host."""

    def __init__(self, fetcher: Fetches, parsers: Parses, settings: FeedSettings) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._settings = settings
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def read(self, subscription: Subscription, entry: Entry) -> Material:
        """What an article can be made of. Raises nothing."""
        if full_text(subscription, entry, self._settings.min_article_chars):
            return InFeed()
        payload = msgspec.json.encode(entry)
        if entry.url is None:
            detail = "the entry has no link and no full text"
            return Refused(reason=Reason.NOT_AN_ARTICLE, detail=detail, payload=payload)
        try:
            fetched = await self._fetch(subscription, entry.url)
        except FetchFailed as failure:
            if not failure.permanent:
                return Postponed(str(failure))
            return Refused(reason=Reason.FETCH_FAILED, detail=str(failure), payload=payload)
        return await self._page(fetched)

    async def _fetch(self, subscription: Subscription, url: str) -> Fetched:
        host = host_of(url)
        # A feed within the own network may lead to its own host there, and no further.
        own_host = host == host_of(subscription.url)
        allow_private = self._settings.allow_private_addresses or (
            subscription.allow_private_addresses and own_host
        )
        slots = self._hosts.setdefault(host or "", asyncio.Semaphore(PAGES_PER_HOST))
        async with slots:
            answer = await self._fetcher.fetch(
                url, limit=self._settings.max_page_bytes, allow_private=allow_private
            )
        if isinstance(answer, NotModified):
            raise FetchFailed("not modified, though nothing was known of it", permanent=False)
        return answer

    async def _page(self, fetched: Fetched) -> Page | Refused:
        try:
            return await self._parsers.page(
                fetched.body, url=fetched.url, content_type=fetched.content_type
            )
        except Rejected as rejected:
            return Refused(reason=rejected.reason, detail=rejected.detail, payload=fetched.body)
