"""Polls per second, memory and CPU of one feed consumer with thousands of feeds.

The feeds are on a server of its own process on loopback; each has twenty entries with their full
texts. What is published and saved is counted, not sent: Kafka's share is in the line's benchmark.
The first round reads every feed, the second one is answered with 304, as most polls are.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from pipeline.feeds.consumer import FeedConsumer
from pipeline.feeds.entry_reader import EntryReader
from pipeline.feeds.fetch import Fetcher
from pipeline.feeds.parser_pool import ParserPool
from pipeline.feeds.poll import Poller
from pipeline.feeds.robots import RobotsCache
from pipeline.feeds.shelf import Shelf
from pipeline.feeds.subscriptions import Subscription
from pipeline.kafka.ports import Message
from pipeline.records import FeedState, SeenEntry
from pipeline.settings import Settings
from tests.memory import resident

_ENTRIES = 20
_PROCESSES = 2
_MEGABYTE = 1_000_000
_PARAGRAPH = (
    "The old bridge over the Mell will be closed for repairs until the autumn, the council said. "
    "Buses will take the northern road, which adds a quarter of an hour to the journey. "
)


class Polling(msgspec.Struct, frozen=True, kw_only=True):
    """One round: polls a second, CPU seconds of the consumer and its parsers for each poll, and
    resident megabytes of the consumer after it."""

    feeds: int
    per_second: float
    cpu_per_poll: float
    megabytes: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What the states of so many feeds cost: resident megabytes, and seconds to take them in."""

    feeds: int
    megabytes: float
    seconds: float


def measure_memory(feeds: int, entries: int = 50) -> Memory:
    """The states of feeds with so many entries each, in a process of their own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_fill, (feeds, entries))


def _fill(feeds: int, entries: int) -> Memory:
    before, started = resident(), time.monotonic()
    with Shelf() as shelf:
        for number in range(feeds):
            shelf.states[f"feed-{number}"] = _state(number, entries)
        return Memory(
            feeds=feeds,
            megabytes=(resident() - before) / _MEGABYTE,
            seconds=time.monotonic() - started,
        )


def _state(number: int, entries: int) -> FeedState:
    now = _now()
    seen = {
        f"https://courier.example/{number}/{entry}": SeenEntry(
            article_id=f"{number:016x}{entry:016x}",
            entry_sha256=f"{number:032x}{entry:032x}",
            first_seen_at=now,
            content_sha256=f"{entry:032x}{number:032x}",
        )
        for entry in range(entries)
    }
    url = f"https://courier.example/{number}.xml"
    return FeedState(feed_id=f"feed-{number}", url=url, polled_at=now, seen=seen)


class _Nowhere:
    """Takes what is published and saved."""

    def __init__(self) -> None:
        self.published = 0

    async def publish(self, messages: Sequence[Message]) -> None:
        self.published += len(messages)

    async def load(self) -> dict[str, FeedState]:
        return {}

    async def save(self, state: FeedState) -> None:
        """Nothing is kept: the shelf has it."""

    async def remove(self, key: str, now: datetime) -> None:
        """There is nothing."""


def measure_polling(settings: Settings, feeds: int) -> list[Polling]:
    """The first round over so many feeds, and the second."""
    with _serving() as port:
        return asyncio.run(_rounds(settings, feeds, port))


async def _rounds(settings: Settings, feeds: int, port: int) -> list[Polling]:
    subscriptions = [
        Subscription(
            id=f"feed-{number}",
            url=f"http://127.0.0.1:{port}/{number}.xml",
            name=f"Feed {number}",
            first_poll_max_age_days=0,
            allow_private_addresses=True,
        )
        for number in range(feeds)
    ]
    nowhere, section = _Nowhere(), settings.feeds
    pool = ParserPool(
        processes=_PROCESSES, timeout_seconds=30, min_article_chars=section.min_article_chars
    )
    with Shelf() as shelf:
        async with Fetcher(section) as fetcher, pool as parsers:
            robots = RobotsCache(fetcher, "news-pipeline")
            reader = EntryReader(fetcher, parsers, robots, section, _now)
            poller = Poller(reader, nowhere, settings, _now, shelf.articles)
            consumer = FeedConsumer(
                subscriptions,
                poller,
                shelf.states,
                shelf.articles,
                _now,
                concurrency=section.concurrency,
                per_host=section.concurrency,  # they are all on one host
            )
            rounds = [await _round(consumer, nowhere, feeds) for _ in range(2)]
    assert nowhere.published == feeds * _ENTRIES, "each entry is published once"
    return rounds


async def _round(consumer: FeedConsumer, states: _Nowhere, feeds: int) -> Polling:
    started, before = time.monotonic(), _cpu_seconds()
    await consumer.poll_once(states)
    seconds = time.monotonic() - started
    return Polling(
        feeds=feeds,
        per_second=feeds / seconds,
        cpu_per_poll=(_cpu_seconds() - before) / feeds,
        megabytes=resident() / _MEGABYTE,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _cpu_seconds() -> float:
    """Of this process and, in it, all parsers that are still running."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    pids = children.read_text().split() if children.exists() else []
    return own.ru_utime + own.ru_stime + sum(_cpu_of(int(pid)) for pid in pids)


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100


@contextmanager
def _serving() -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    try:
        yield ours.recv()
    finally:
        server.terminate()
        server.join()


def _serve(pipe: Any) -> None:
    asyncio.run(_serve_feeds(pipe))


async def _serve_feeds(pipe: Any) -> None:
    application = web.Application()
    application.router.add_get("/{number}.xml", _feed)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    pipe.send(runner.addresses[0][1])
    await asyncio.Event().wait()


async def _feed(request: web.Request) -> web.Response:
    number = request.match_info["number"]
    etag = f'"{number}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    site = f"http://127.0.0.1:{request.url.port}"
    items = "".join(
        f"<item><guid>{number}-{entry}</guid><title>Bridge {entry}</title>"
        f"<link>{site}/{number}/{entry}</link><pubDate>Sun, 01 Mar 2026 {entry:02}:00:00 GMT"
        f"</pubDate><description>Short.</description><content:encoded>&lt;p&gt;"
        f"{_PARAGRAPH * 3} Number {number}, {entry}.&lt;/p&gt;</content:encoded></item>"
        for entry in range(_ENTRIES)
    )
    body = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Feed {number}</title><link>{site}</link>{items}</channel></rss>"
    )
    return web.Response(text=body, content_type="application/rss+xml", headers={"ETag": etag})
