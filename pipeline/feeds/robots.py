"""What the owners of sites ask of robots, asked once a day and kept within bounds.

A site decides how long its robots.txt is. So texts are kept packed, the rules read from short ones
beside them, both of so many bytes together; long ones are read aside, each time one is asked for.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias
from weakref import WeakValueDictionary

import msgspec
from protego import Protego
from yarl import URL

from pipeline.errors import Rejected
from pipeline.feeds.fetch import Fetched, Fetches, FetchFailed, TooLarge
from pipeline.feeds.kept import Kept
from pipeline.feeds.robots_rules import Verdict, parse, verdict

MAX_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB are to be read
KEPT_FOR = timedelta(hours=24)  # RFC 9309, 2.4
RETRY_AFTER = timedelta(minutes=10)  # a site whose robots.txt cannot be had is left alone so long
ROOM_FOR_TEXTS = 32 << 20  # packed: those of a hundred thousand ordinary sites
ROOM_FOR_RULES = 64 << 20
SHORT = 16_000  # bytes that are read at once; ordinary ones have 2,000
_RULES_PER_BYTE = 50  # of memory for one of text, measured with nothing but wildcards
_OVERHEAD = 400  # bytes of a site beside its text

Judge: TypeAlias = Callable[[bytes, str, str], Awaitable[Verdict]]
"""What the bytes of a robots.txt say of an address to a robot's name; may raise Rejected."""


class Site(msgspec.Struct, frozen=True):
    """The robots.txt of one site, packed. ``text`` is None where the site could not be asked."""

    text: bytes | None
    read_at: datetime

    def is_current(self, now: datetime) -> bool:
        """Whether it need not be asked for again."""
        return now - self.read_at < (RETRY_AFTER if self.text is None else KEPT_FOR)


class Robots(Protocol):
    """Answers whether a page may be fetched."""

    async def ask(self, url: str, now: datetime, *, allow_private: bool, read: Judge) -> Verdict:
        """What the site of ``url`` says of it; ``read`` reads what is long."""


class RobotsCache:
    """Asks each site once a day for its rules. ``agent`` is the name robots.txt knows us by."""

    def __init__(self, fetcher: Fetches, agent: str) -> None:
        self._fetcher = fetcher
        self._agent = agent
        self._sites: Kept[Site] = Kept(ROOM_FOR_TEXTS)
        self._rules: Kept[Protego] = Kept(ROOM_FOR_RULES)
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, url: str, now: datetime, *, allow_private: bool, read: Judge) -> Verdict:
        """What the site of ``url`` says of it; ``read`` reads what is long. Raises nothing else
        than that does."""
        origin = str(URL(url).origin())
        site = await self._know(origin, now, allow_private=allow_private)
        if site.text is None:
            return Verdict(allowed=None)
        rules = self._rules.get(origin)
        if rules is None:
            body = zlib.decompress(site.text)
            if len(body) > SHORT:
                return await self._read_aside(read, body, url)
            rules = parse(body, self._agent)
            self._rules.put(origin, rules, _RULES_PER_BYTE * len(body) + _OVERHEAD)
        return verdict(rules, url, self._agent)

    async def text(self, url: str, now: datetime, *, allow_private: bool) -> str | None:
        """All of the robots.txt of the site of ``url``, None where it cannot be had. Raises
        nothing."""
        origin = str(URL(url).origin())
        site = await self._know(origin, now, allow_private=allow_private)
        return None if site.text is None else zlib.decompress(site.text).decode("utf-8", "replace")

    async def _read_aside(self, read: Judge, body: bytes, url: str) -> Verdict:
        try:
            return await read(body, url, self._agent)
        except Rejected:  # not in the time that a document may take
            return Verdict(allowed=None)

    async def _know(self, origin: str, now: datetime, *, allow_private: bool) -> Site:
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._sites.get(origin)
            if known is not None and known.is_current(now):
                return known
            return await self._learn(origin, known, now, allow_private=allow_private)

    async def _learn(
        self, origin: str, known: Site | None, now: datetime, *, allow_private: bool
    ) -> Site:
        body = await self._fetch(f"{origin}/robots.txt", allow_private=allow_private)
        if body is None and known is not None and known.text is not None:
            # Yesterday's rules hold while today's cannot be had.
            site = Site(known.text, now - KEPT_FOR + RETRY_AFTER)
        else:
            site = Site(None if body is None else zlib.compress(body), now)
            self._rules.discard(origin)
        self._sites.put(origin, site, len(site.text or b"") + len(origin) + _OVERHEAD)
        return site

    async def _fetch(self, url: str, *, allow_private: bool) -> bytes | None:
        try:
            answer = await self._fetcher.fetch(url, limit=MAX_BYTES, allow_private=allow_private)
        except TooLarge as found:  # what was read of it holds, up to its last whole line
            return found.head[: found.head.rfind(b"\n") + 1]
        except FetchFailed as failure:
            return text_without_file(failure)
        return answer.body if isinstance(answer, Fetched) else None


def text_without_file(failure: FetchFailed) -> bytes | None:
    """The rules of a site whose robots.txt was not to be had: none where the server says that there
    is no such file (RFC 9309, 2.3.1.3), unknown where it fails."""
    refused = failure.status is not None and 400 <= failure.status < 500
    # "Too many requests" is no statement about robots.
    return b"" if refused and failure.status != 429 else None


def agent_name(user_agent: str) -> str:
    """The product of a User-Agent header, which is what robots.txt names: ``news-pipeline``."""
    return user_agent.partition("/")[0].strip() or "*"
