"""The WebSub subscriber: asks hubs, answers their questions, and hears their knocks."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from aiohttp import web
from msgspec.structs import replace

from pipeline.feeds.canonical import host_of
from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.politeness import HostGate
from pipeline.feeds.poll import PollOutcome
from pipeline.feeds.turns import Name
from pipeline.feeds.websub import Hold, answer, is_signed, request_form
from pipeline.settings import FeedSettings

logger = logging.getLogger(__name__)

_PATH = "/websub/"
_RENEWAL_SECONDS = 60.0
UNCONFIRMED = 50
"""Subscriptions that a host is asked for and has not confirmed: past it, no more are asked for."""
_HOST_PAUSE = timedelta(seconds=1)  # between two requests to one host


class Posts(Protocol):
    """What is needed of :class:`pipeline.feeds.fetch.Fetcher`."""

    async def post(self, url: str, form: dict[str, str], *, allow_private: bool = False) -> None:
        """Send a form, or raise FetchFailed."""


class Subscriber:
    """Holds subscriptions at hubs. ``on_news`` hears the id of a feed that has something new; it
    may be set later.

    Used as an async context manager: it serves the callback meanwhile, at the address of the
    setting feeds.websub_listen; hubs reach it at feeds.websub_callback_url.
    """

    def __init__(
        self,
        settings: FeedSettings,
        poster: Posts,
        clock: Callable[[], datetime],
        on_news: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._poster = poster
        self._clock = clock
        self.on_news = on_news
        self._holds: dict[str, Hold] = {}
        self._by_token: dict[str, str] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._gate = HostGate(1)
        self._reading: set[str] = set()
        self._runner: web.AppRunner | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=self._settings.max_feed_bytes)
        application.router.add_get(f"{_PATH}{{token}}", self._verify)
        application.router.add_post(f"{_PATH}{{token}}", self._knock)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        host, _, port = self._settings.websub_listen.rpartition(":")
        await web.TCPSite(self._runner, host, int(port)).start()
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = {*self._asking, *([self._renewing] if self._renewing else ())}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    def heard(self, outcome: PollOutcome) -> None:
        """A poll ended: ask the hubs its document names, or let go of those it no longer does."""
        if outcome.hubs is not None:
            self.offered(outcome.feed_id, outcome.hubs, outcome.topic)

    def wait(self, feed_id: str) -> timedelta:
        """How long a feed may do without a poll: a hub that lives is trusted up to the longest
        interval, one that says nothing any more costs no longer than that."""
        longest = timedelta(seconds=self._settings.longest_interval_seconds)
        return longest if self.is_live(feed_id) else timedelta(0)

    def is_live(self, feed_id: str) -> bool:
        """Whether a hub tells of this feed's news."""
        hold = self._holds.get(feed_id)
        return hold is not None and hold.is_live(self._clock())

    def has_asked(self, feed_id: str) -> bool:
        """Whether a hub of this feed was asked to tell of it."""
        return feed_id in self._holds

    def offered(
        self, feed_id: str, hubs: Iterable[str], topic: str, *, allow_private: bool = False
    ) -> None:
        """A feed names its hubs: ask the first, unless that is done."""
        hub = next(iter(hubs), None)
        held = self._holds.get(feed_id)
        if hub is None:
            self.forget(feed_id)
        elif held is None or (held.hub, held.topic) != (hub, topic):
            self.forget(feed_id)
            if self._unconfirmed(hub) >= UNCONFIRMED:  # it will be offered again
                return
            hold = Hold(
                feed_id=feed_id,
                hub=hub,
                topic=topic,
                token=secrets.token_urlsafe(24),
                secret=secrets.token_hex(32),
                asked_at=self._clock(),
            )
            self._by_token[hold.token] = feed_id
            self._ask(hold, allow_private=allow_private)

    def _unconfirmed(self, hub: str) -> int:
        """How many subscriptions the host of a hub was asked for, and has not confirmed."""
        host = host_of(hub)
        return sum(
            each.until is None and host_of(each.hub) == host for each in self._holds.values()
        )

    def forget(self, feed_id: str) -> None:
        """Hear no more of a feed; its hub finds nobody at the callback and gives up."""
        hold = self._holds.pop(feed_id, None)
        if hold is not None:
            self._by_token.pop(hold.token, None)

    def _ask(self, hold: Hold, *, allow_private: bool) -> None:
        self._holds[hold.feed_id] = hold
        task = asyncio.create_task(self._send(hold, allow_private=allow_private))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _send(self, hold: Hold, *, allow_private: bool) -> None:
        callback = f"{self._settings.websub_callback_url}{_PATH}{hold.token}"
        try:
            async with self._gate.turn(host_of(hold.hub) or "", Name(hold.feed_id)) as host:
                await host.pause(_HOST_PAUSE)
                form = request_form(hold, callback)
                await self._poster.post(hold.hub, form, allow_private=allow_private)
        except FetchFailed as failure:
            logger.warning("feed %s: its hub does not take us: %s", hold.feed_id, failure)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEWAL_SECONDS)
            now = self._clock()
            for hold in [each for each in self._holds.values() if each.is_due(now)]:
                self._ask(replace(hold, asked_at=now, tries=hold.tries + 1), allow_private=False)

    def _hold(self, request: web.Request) -> Hold:
        feed_id = self._by_token.get(request.match_info["token"])
        hold = self._holds.get(feed_id) if feed_id is not None else None
        if hold is None:
            raise web.HTTPNotFound
        return hold

    async def _verify(self, request: web.Request) -> web.Response:
        hold = self._hold(request)
        verified = answer(request.query, hold, self._clock())
        if verified is None:
            raise web.HTTPNotFound
        if verified.hold is None:
            logger.warning("feed %s: its hub refuses the subscription", hold.feed_id)
            self.forget(hold.feed_id)
        else:
            self._holds[hold.feed_id] = verified.hold
        return web.Response(text=verified.challenge)

    async def _knock(self, request: web.Request) -> web.Response:
        hold = self._hold(request)
        if hold.feed_id in self._reading:  # one message of it is enough memory, and enough to know
            return web.Response(status=503, headers={"Retry-After": "1"})
        self._reading.add(hold.feed_id)
        try:
            body = await request.read()
        finally:
            self._reading.discard(hold.feed_id)
        if is_signed(request.headers.get("X-Hub-Signature"), hold.secret, body):
            self.on_news(hold.feed_id)
        # A hub is not told that its signature is wrong: the specification wants a 2xx.
        return web.Response(status=202)
