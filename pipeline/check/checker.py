"""One check of the whole line: how far the stations are, what the topics hold, what the index
holds; whatever seems wrong is looked at twice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from elasticsearch import AsyncElasticsearch

from pipeline.background import in_background
from pipeline.check import compare
from pipeline.check.indexed import read_index
from pipeline.check.produced import commits, read_topics
from pipeline.check.report import Kind, Report, Wrong, findings, in_both
from pipeline.check.scratch import scratch, sort
from pipeline.index.documents import FUTURE_SKEW, milliseconds
from pipeline.index.mend import indices_not_ours
from pipeline.settings import Settings

Say = Callable[[str], None]

# Between two looks: longer than the refresh interval, and than a batch takes.
_AGAIN_SECONDS = 5.0
_INTO_THE_INDEX = ("enrich", "backfill", "index")
_LAG_SECONDS = 1.0
_STANDSTILL = timedelta(seconds=30)


class Look(NamedTuple):
    """What one look found."""

    wrong: Wrong
    produced: int
    indexed: int
    dead_letters: int


class Checker:
    """Checks, as often as it is asked to.

    ``lags`` measures what each station has not read yet; ``say`` hears what is under way. The
    methods raise ServiceUnavailable and ConfigurationError of Kafka, and let the Elasticsearch
    client's TransportError and ApiError out.
    """

    def __init__(
        self,
        settings: Settings,
        client: AsyncElasticsearch,
        clock: Callable[[], datetime],
        lags: Callable[[], Mapping[str, int]],
        say: Say,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._lags = lags
        self._say = say
        self._pause = pause

    async def check(self) -> tuple[Report, Wrong]:
        """The report, and all that is wrong by kind."""
        seen = await self._look()
        if any(seen.wrong.values()):
            self._say("something seems wrong; looking a second time, since the line may be at it")
            await self._pause(_AGAIN_SECONDS)
            again = await self._look()
            seen = again._replace(wrong=in_both(seen.wrong, again.wrong))
        report = Report(
            produced=seen.produced,
            indexed=seen.indexed,
            dead_letters=seen.dead_letters,
            lag=await in_background(self._lags),
            findings=findings(seen.wrong),
        )
        return report, seen.wrong

    async def check_when_through(self) -> Report:
        """The report once the line has nothing left to do, or has come no further for a while."""
        before, since = -1, self._clock()
        while behind := await in_background(self._behind):
            if behind != before:
                before, since = behind, self._clock()
                self._say(f"{behind:,} messages are on their way")
            elif self._clock() - since > _STANDSTILL:
                self._say("the line does not move; check again when its workers run")
                break
            await self._pause(_LAG_SECONDS)
        report, _ = await self.check()
        return report

    def _behind(self) -> int:
        """Messages on their way into the index."""
        lags = self._lags()
        return sum(lags[station] for station in _INTO_THE_INDEX)

    async def _look(self) -> Look:
        with scratch() as database:
            self._say("reading the topics")
            await in_background(partial(self._read_topics, database))
            self._say("reading the index")
            index = self._settings.index
            await read_index(database, self._client, index)
            guessing = frozenset(await indices_not_ours(self._client, index))
            seen = await in_background(partial(_compared, database, self._clock()))
        return seen._replace(wrong={**seen.wrong, Kind.INDICES: guessing})

    def _read_topics(self, database: sqlite3.Connection) -> None:
        read_topics(database, self._settings, commits(self._settings), self._clock())


def _compared(database: sqlite3.Connection, now: datetime) -> Look:
    sort(database)
    return Look(
        wrong=compare.wrong(database, milliseconds(now + FUTURE_SKEW)),
        produced=compare.produced(database),
        indexed=compare.indexed(database),
        dead_letters=compare.dead_letters(database),
    )
