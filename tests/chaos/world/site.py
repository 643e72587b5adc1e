"""The feeds as servers on loopback, each with an address of its own, as hosts have."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from aiohttp import web

from tests.chaos.world.feed import Feed
from tests.chaos.world.record import Record

_NETWORK = "127.77.0"
_DRIP_SECONDS = 0.5
INTERVAL_SECONDS = 3.0
_SILENT_SECONDS = 120.0
_GAPS = 5
_LONGEST_GAP = 5 * INTERVAL_SECONDS  # what is longer was an outage


class Site:
    """``feeds`` feeds: three of four with full texts, every fifth undated; ``slow`` more on one
    host whose pages drip, and one that is broken. ``new`` is how many entries each answer brings.

    ``subscriptions`` writes the file for the feed consumers.
    """

    def __init__(self, seed: int, port: int, record: Record, *, feeds: int, slow: int) -> None:
        self.port = port
        self.new: Callable[[], int] = lambda: 0
        self.polls = 0
        chance = random.Random(seed)
        self.feeds = [
            Feed(
                f"feed-{number}",
                self._address(number + 1),
                random.Random(chance.random()),
                pages=number % 4 == 3,
                dated=number % 5 != 4,
            )
            for number in range(feeds)
        ]
        self._record = record
        self._slow = slow
        self._slow_address = self._address(200)
        self._broken_address = self._address(201)
        self._by_host = {each.url.partition("//")[2]: each for each in self.feeds}
        self._runner: web.AppRunner | None = None

    def _address(self, number: int) -> str:
        return f"http://{_NETWORK}.{number}:{self.port}"

    def subscriptions(self, file: Path) -> None:
        """Write config/feeds.toml for all feeds."""
        wanted = [(each.name, f"{each.url}/feed.xml") for each in self.feeds]
        wanted += [(f"slow-{n}", f"{self._slow_address}/{n}/slow.xml") for n in range(self._slow)]
        if self._slow:
            wanted.append(("broken", f"{self._broken_address}/broken.xml"))
        file.write_text(
            "".join(
                f'[[feeds]]\nid = "{name}"\nurl = "{url}"\nname = "{name}"\nlanguage = "en"\n'
                f"poll_interval_seconds = {INTERVAL_SECONDS}\nallow_private_addresses = true\n"
                for name, url in wanted
            )
        )

    async def start(self) -> None:
        """Listen at every address."""
        app = web.Application()
        app.router.add_get("/feed.xml", self._feed)
        app.router.add_get(r"/p/{number:\d+}", self._page)
        app.router.add_get("/{number}/slow.xml", self._slow_feed)
        app.router.add_get("/{number}/drip/{page}", _drip)
        app.router.add_get("/broken.xml", _broken)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        hosts = {each.url for each in self.feeds} | {self._slow_address, self._broken_address}
        for url in sorted(hosts):
            host = url.removeprefix("http://").rpartition(":")[0]
            await web.TCPSite(self._runner, host, self.port).start()

    async def stop(self) -> None:
        """Let go of the ports."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _feed(self, request: web.Request) -> web.Response:
        feed = self._by_host[request.host]
        feed.asked.append(time.monotonic())
        self.polls += 1
        etag = request.headers.get("If-None-Match")
        document = feed.ask(etag, self.new(), self._record.add)
        headers = {"ETag": f'"{feed.serial}"'}
        if document is None:
            return web.Response(status=304, headers=headers)
        return web.Response(text=document, content_type="application/rss+xml", headers=headers)

    async def _page(self, request: web.Request) -> web.Response:
        page = self._by_host[request.host].page(int(request.match_info["number"]))
        if page is None:
            return web.Response(status=404)
        return web.Response(text=page, content_type="text/html")

    async def _slow_feed(self, request: web.Request) -> web.Response:
        """Always the same five entries, whose pages never come to an end."""
        base = f"{self._slow_address}/{request.match_info['number']}/drip"
        items = "".join(
            f"<item><guid>{base}/{n}</guid><title>Slow {n}</title><link>{base}/{n}</link></item>"
            for n in range(5)
        )
        text = f'<rss version="2.0"><channel><title>Slow</title>{items}</channel></rss>'
        return web.Response(text=text, content_type="application/rss+xml")

    def unsettled(self) -> list[str]:
        """The feeds of which the consumers have not taken in all that was listed."""
        return [each.name for each in self.feeds if not each.settled]

    def silence(self, since: float) -> dict[str, float | None]:
        """By feed: how late after ``since`` it was asked, beyond its interval; None: not yet. A
        feed that an earlier fault has silenced is left out: it is counted there."""
        return {
            each.name: lateness(tuple(each.asked), since)
            for each in self.feeds
            if any(moment > since - _SILENT_SECONDS for moment in tuple(each.asked))
        }


def lateness(asked: Sequence[float], since: float) -> float | None:
    """How much later than due the first request after ``since`` came; None where none did.

    It is due when the longest of its last gaps has passed since the request before, or the interval
    with its tenth of chance where that is longer, but not before ``since``: a poll that fetches
    pages takes its time without any fault.
    """
    after = next((each for each in asked if each > since), None)
    if after is None:
        return None
    before = [each for each in asked if each <= since][-_GAPS - 1 :]
    gap = max((late - early for early, late in pairwise(before)), default=0.0)
    usual = min(max(gap, 1.1 * INTERVAL_SECONDS), _LONGEST_GAP)
    return max(0.0, after - max(since, before[-1] + usual if before else since))


async def _drip(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/html"})
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await answer.write(b"<p>")
            await asyncio.sleep(_DRIP_SECONDS)
    return answer


async def _broken(_: web.Request) -> web.Response:
    return web.Response(status=500)
