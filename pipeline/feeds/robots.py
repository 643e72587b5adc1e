"""What the owners of a site ask of robots. Source: RFC 9309; the rules are read by protego."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

import msgspec
from protego import Protego
from yarl import URL

from pipeline.feeds.fetch import Fetched, Fetches, FetchFailed

MAX_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB are to be read
KEPT_FOR = timedelta(hours=24)  # RFC 9309, 2.4
RETRY_AFTER = timedelta(minutes=10)  # a site whose robots.txt cannot be had is left alone so long
LONGEST_DELAY = timedelta(seconds=60)  # of a Crawl-delay; what asks for more means no robots at all
_HOSTS = 20_000  # sites remembered; then the oldest half is forgotten


class Rules(msgspec.Struct, frozen=True):
    """The rules of one site. ``text`` is None where the site could not be asked."""

    text: str | None
    read_at: datetime

    def is_current(self, now: datetime) -> bool:
        """Whether they need not be asked for again."""
        return now - self.read_at < (RETRY_AFTER if self.text is None else KEPT_FOR)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``allowed`` is None where nobody could tell: ask again later. ``delay`` is the time the site
    wants between two requests."""

    allowed: bool | None
    delay: timedelta = timedelta(0)


class Robots(Protocol):
    """Answers whether a page may be fetched."""

    async def ask(self, url: str, now: datetime, *, allow_private: bool) -> Verdict:
        """What the site of ``url`` says of it."""


class RobotsCache:
    """Asks each site once a day for its rules. ``agent`` is the name robots.txt knows us by."""

    def __init__(self, fetcher: Fetches, agent: str) -> None:
        self._fetcher = fetcher
        self._agent = agent
        self._rules: dict[str, Rules] = {}
        self._parsed: dict[str, Protego] = {}
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, url: str, now: datetime, *, allow_private: bool) -> Verdict:
        """What the site of ``url`` says of it. Raises nothing."""
        origin = str(URL(url).origin())
        await self._know(origin, now, allow_private=allow_private)
        return self._verdict(origin, url)

    async def text(self, url: str, now: datetime, *, allow_private: bool) -> str | None:
        """All of the robots.txt of the site of ``url``, None where it cannot be had. Raises
        nothing."""
        origin = str(URL(url).origin())
        await self._know(origin, now, allow_private=allow_private)
        rules = self._rules.get(origin)
        return rules.text if rules else None

    async def _know(self, origin: str, now: datetime, *, allow_private: bool) -> None:
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._rules.get(origin)
            if known is None or not known.is_current(now):
                await self._learn(origin, known, now, allow_private=allow_private)

    def _verdict(self, origin: str, url: str) -> Verdict:
        if origin not in self._parsed:
            return Verdict(allowed=None)
        rules = self._parsed[origin]
        delay = timedelta(seconds=min(rules.crawl_delay(self._agent) or 0, 86_400))
        allowed = rules.can_fetch(url, self._agent) and delay <= LONGEST_DELAY
        return Verdict(allowed=allowed, delay=min(delay, LONGEST_DELAY))

    async def _learn(
        self, origin: str, known: Rules | None, now: datetime, *, allow_private: bool
    ) -> None:
        if len(self._rules) >= _HOSTS:
            for old in list(self._rules)[: _HOSTS // 2]:
                del self._rules[old]
                self._parsed.pop(old, None)
        text = await self._fetch(f"{origin}/robots.txt", allow_private=allow_private)
        if text is None and known is not None and known.text is not None:
            # Yesterday's rules hold while today's cannot be had.
            self._rules[origin] = Rules(known.text, now - KEPT_FOR + RETRY_AFTER)
            return
        self._rules.pop(origin, None)
        self._rules[origin] = Rules(text, now)
        if text is None:
            self._parsed.pop(origin, None)
        else:
            self._parsed[origin] = _parse(text)

    async def _fetch(self, url: str, *, allow_private: bool) -> str | None:
        try:
            answer = await self._fetcher.fetch(url, limit=MAX_BYTES, allow_private=allow_private)
        except FetchFailed as failure:
            return text_without_file(failure)
        return answer.body.decode("utf-8", "replace") if isinstance(answer, Fetched) else None


def text_without_file(failure: FetchFailed) -> str | None:
    """The rules of a site whose robots.txt was not to be had: none where the server says that there
    is no such file (RFC 9309, 2.3.1.3), unknown where it fails."""
    refused = failure.status is not None and 400 <= failure.status < 500
    # "Too many requests" is no statement about robots.
    return "" if refused and failure.status != 429 else None


def _parse(text: str) -> Protego:
    try:
        return Protego.parse(text.lstrip("\ufeff"))
    except Exception:  # a parser on hostile bytes: rules nobody can read are none
        return Protego.parse("")


def agent_name(user_agent: str) -> str:
    """The product of a User-Agent header, which is what robots.txt names: ``news-pipeline``."""
    return user_agent.partition("/")[0].strip() or "*"
