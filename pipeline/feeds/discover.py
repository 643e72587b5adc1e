"""Find the feeds of a site: the edge that fetches what ``candidates`` names, and reads it.

What a person named, and what the site offers to programs by name (its link tags, the Sitemap lines
of its robots.txt), is fetched; for what is guessed or only linked to, robots.txt is obeyed. Its
Crawl-delay holds for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from pipeline.errors import Rejected
from pipeline.feeds.candidates import Candidate, FoundFeed, Origin, candidates, found_feed, in_order
from pipeline.feeds.canonical import host_of
from pipeline.feeds.entry_reader import Parses
from pipeline.feeds.fetch import Fetched, Fetches, FetchFailed
from pipeline.feeds.politeness import HostGate
from pipeline.feeds.robots import RobotsCache
from pipeline.feeds.turns import Name

AT_A_TIME = 4
_OFFERED = frozenset({Origin.LINK, Origin.ROBOTS})


class Discovery:
    """Looks for feeds, a few requests at a time. ``seconds`` bounds the whole search."""

    def __init__(
        self,
        fetcher: Fetches,
        parsers: Parses,
        robots: RobotsCache,
        clock: Callable[[], datetime],
        *,
        max_bytes: int,
        seconds: float,
    ) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._robots = robots
        self._clock = clock
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._gate = HostGate(AT_A_TIME)

    async def feeds_of(self, url: str) -> list[FoundFeed]:
        """The feeds of the site of ``url``, the most useful first; what was found in time.

        Raises FetchFailed when ``url`` itself cannot be had.
        """
        page = await self._fetch(url, self._max_bytes)
        itself = await self._read(Candidate(page.url, Origin.ITSELF), page)
        if itself is not None:
            return [itself]
        robots = await self._robots.text(page.url, self._clock(), allow_private=False)
        tried = candidates(page.url, page.body, (robots or "").encode())
        tasks = [asyncio.create_task(self._try(each)) for each in tried]
        done, late = await asyncio.wait(tasks, timeout=self._seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return in_order(found for task in done if (found := task.result()) is not None)

    async def _try(self, candidate: Candidate) -> FoundFeed | None:
        async with self._turn:
            verdict = await self._robots.ask(
                candidate.url,
                self._clock(),
                allow_private=False,
                read=self._parsers.robots,
            )
            if not verdict.allowed and candidate.origin not in _OFFERED:
                return None
            try:
                async with self._gate.turn(host_of(candidate.url) or "", Name("discovery")) as host:
                    await host.pause(verdict.delay)
                    answer = await self._fetch(candidate.url, self._max_bytes)
                return await self._read(candidate, answer)
            except FetchFailed:
                return None

    async def _read(self, candidate: Candidate, answer: Fetched) -> FoundFeed | None:
        try:
            feed = await self._parsers.feed(
                answer.body, url=answer.url, content_type=answer.content_type
            )
        except Rejected:
            return None
        return found_feed(candidate, answer.url, feed)

    async def _fetch(self, url: str, limit: int) -> Fetched:
        answer = await self._fetcher.fetch(url, limit=limit)
        if not isinstance(answer, Fetched):
            raise FetchFailed("status 304", permanent=True)
        return answer
