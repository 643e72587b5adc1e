"""Where an entry's text comes from: the feed itself, or the page it links to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.articles import full_text
from pipeline.feeds.canonical import host_of, same_server
from pipeline.feeds.fetch import Fetched, Fetches, FetchFailed, NotModified
from pipeline.feeds.parsed import Entry, Page, ParsedFeed
from pipeline.feeds.politeness import HostGate
from pipeline.feeds.robots import Robots
from pipeline.feeds.robots_rules import Verdict
from pipeline.feeds.subscriptions import Subscription
from pipeline.feeds.turns import Turns
from pipeline.feeds.work import PollWork
from pipeline.metrics import WAITING
from pipeline.records import Reason, SeenPage
from pipeline.settings import FeedSettings

T = TypeVar("T")

AT_ONCE = 200_000
"""Characters of markup that may be read in the event loop: 20 ms. More is read in a thread."""
BATCH = 32
"""Entries read, published and remembered together: a long first poll that is cut short goes on
from the last batch."""

# Pages fetched at a time, for each feed read at a time: most of that time passes in waiting.
_PAGES_A_SLOT = 4


class ParsesFeeds(Protocol):
    """Reads feeds."""

    async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Read a feed, or raise Rejected."""


class Parses(ParsesFeeds, Protocol):
    """What is needed of :class:`pipeline.feeds.parser_pool.ParserPool`; ``processes`` is how many
    documents it reads at a time."""

    @property
    def processes(self) -> int: ...

    async def page(self, data: bytes, *, url: str | None, content_type: str | None) -> Page:
        """Read a page, or raise Rejected."""

    async def robots(self, body: bytes, url: str, agent: str) -> Verdict:
        """What a robots.txt says of an address, or raise Rejected."""


class PageRead(msgspec.Struct, frozen=True, kw_only=True):
    """The page has the text; validators are as the server sent them."""

    page: Page
    etag: str | None = None
    last_modified: str | None = None


class InFeed(msgspec.Struct, frozen=True):
    """The entry brings its whole ``text``."""

    text: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """There is no article to be had; ``payload`` is what was looked at."""

    reason: Reason
    detail: str
    payload: bytes


class Postponed(msgspec.Struct, frozen=True):
    """The page cannot be had now: a try that is counted."""

    detail: str


class PutOff(msgspec.Struct, frozen=True):
    """The page is left for a later poll, for a reason of ours: no try is counted."""

    detail: str


Material: TypeAlias = PageRead | InFeed | Refused | Postponed | PutOff


class EntryReader:
    """Fetches and reads feeds and the pages of their entries as their sites allow it.

    Feeds take turns: at each host, at fetching pages and at the parsers, so that one whose pages
    take long holds up none but itself. All is on the account of a poll, a :class:`PollWork`.
    """

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
        self._pages = Turns(settings.concurrency * _PAGES_A_SLOT, WAITING.labels("page"))
        self._parsing = Turns(parsers.processes, WAITING.labels("parser"))

    async def fetch(
        self,
        work: PollWork,
        url: str,
        *,
        limit: int,
        etag: str | None = None,
        last_modified: str | None = None,
        allow_private: bool = False,
    ) -> Fetched | NotModified:
        """Get a feed, or a part of one, or raise FetchFailed."""
        with work.timed():
            return await self._fetcher.fetch(
                url,
                limit=limit,
                etag=etag,
                last_modified=last_modified,
                allow_private=allow_private,
            )

    async def feed(
        self, work: PollWork, data: bytes, *, url: str, content_type: str | None
    ) -> ParsedFeed:
        """Read a feed, before all pages that wait, or raise Rejected."""
        return await self._parse(
            work,
            lambda: self._parsers.feed(data, url=url, content_type=content_type),
            urgent=True,
        )

    async def read(self, work: PollWork, entry: Entry) -> Material:
        """What an article can be made of. Raises nothing."""
        if (refusal := work.no_article()) is not None:
            return PutOff(refusal)
        found = await self._read(work, entry)
        if not isinstance(found, PutOff | Postponed):
            work.gave_article()
        return found

    async def _read(self, work: PollWork, entry: Entry) -> Material:
        text = await self._text_in_feed(work.subscription, entry)
        if text is not None:
            return InFeed(text)
        found = await self.read_again(work, entry, SeenPage())
        if isinstance(found, NotModified):
            return Postponed("not modified, though nothing was known of it")
        return found

    async def _text_in_feed(self, subscription: Subscription, entry: Entry) -> str | None:
        least = self._settings.min_article_chars
        if len(entry.content) + len(entry.summary) <= AT_ONCE // BATCH:
            return full_text(subscription, entry, least)
        return await asyncio.to_thread(full_text, subscription, entry, least)

    async def read_again(
        self, work: PollWork, entry: Entry, known: SeenPage
    ) -> Material | NotModified:
        """What the page of an entry has now, ``known`` being what it had. Raises nothing."""
        if entry.url is None:
            return _refused(Reason.NOT_AN_ARTICLE, "the entry has no link and no full text", entry)
        try:
            # Its place is held until the page is read: else pages without number wait in memory.
            async with asyncio.timeout_at(work.deadline), AsyncExitStack() as held:
                found = await self._from_page(work, entry, entry.url, known, held)
                return await self._page(work, found) if isinstance(found, Fetched) else found
        except TimeoutError:
            return PutOff(work.too_late)

    async def _from_page(
        self, work: PollWork, entry: Entry, url: str, known: SeenPage, held: AsyncExitStack
    ) -> Material | Fetched | NotModified:
        subscription = work.subscription
        allow_private = self.may_be_private(subscription, url)
        async with self._gate.turn(host_of(url) or "", work) as host:
            refusal = work.page(url)
            if refusal is not None:
                return PutOff(refusal)
            verdict = Verdict(allowed=True)
            if subscription.obey_robots:
                verdict = await self._ask(work, url, allow_private=allow_private)
            if verdict.allowed is None:
                return Postponed("robots.txt of the page's site cannot be had")
            if not verdict.allowed:
                detail = "robots.txt of its site does not allow the page"
                return _refused(Reason.ROBOTS, detail, entry)
            await host.pause(self._pause(verdict.delay, allow_private=allow_private))
            try:
                await held.enter_async_context(self._pages.turn(work))
                return await self._fetch(work, url, known, allow_private=allow_private)
            except FetchFailed as failure:
                if failure.permanent:
                    return _refused(Reason.FETCH_FAILED, str(failure), entry)
                return Postponed(str(failure))

    def may_be_private(self, subscription: Subscription, url: str) -> bool:
        """A feed within the own network may lead to its own host and port there, and no further."""
        return subscription.allow_private_addresses and same_server(url, subscription.url)

    def _pause(self, wanted: timedelta, *, allow_private: bool) -> timedelta:
        # The own network is no guest's house: what is there need not be spared.
        spared = 0.0 if allow_private else self._settings.host_delay_seconds
        return max(wanted, timedelta(seconds=spared))

    async def _ask(self, work: PollWork, url: str, *, allow_private: bool) -> Verdict:
        async def read(body: bytes, url: str, agent: str) -> Verdict:
            return await self._parsing.run(work, lambda: self._parsers.robots(body, url, agent))

        async with self._pages.turn(work):
            with work.timed(documents=0):  # mostly it is known
                return await self._robots.ask(
                    url, self._clock(), allow_private=allow_private, read=read
                )

    async def _fetch(
        self, work: PollWork, url: str, known: SeenPage, *, allow_private: bool
    ) -> Fetched | NotModified:
        return await self.fetch(
            work,
            url,
            limit=self._settings.max_page_bytes,
            etag=known.etag,
            last_modified=known.last_modified,
            allow_private=allow_private,
        )

    async def _page(self, work: PollWork, fetched: Fetched) -> PageRead | Refused:
        try:
            page = await self._parse(
                work,
                lambda: self._parsers.page(
                    fetched.body, url=fetched.url, content_type=fetched.content_type
                ),
            )
        except Rejected as rejected:
            return Refused(reason=rejected.reason, detail=rejected.detail, payload=fetched.body)
        return PageRead(page=page, etag=fetched.etag, last_modified=fetched.last_modified)

    async def _parse(
        self, work: PollWork, call: Callable[[], Awaitable[T]], *, urgent: bool = False
    ) -> T:
        async def timed() -> T:
            with work.timed():
                return await call()

        return await self._parsing.run(work, timed, urgent=urgent)


def _refused(reason: Reason, detail: str, entry: Entry) -> Refused:
    return Refused(reason=reason, detail=detail, payload=msgspec.json.encode(entry))
