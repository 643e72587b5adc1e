"""Files onto the line, as fast as they are read, and from where reading was broken off.

Progress of a file is remembered only after everything up to there was delivered: a reader that is
killed in between publishes the last chunk again, and what is there twice falls away by its id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.background import chunks_in_background
from pipeline.feeds.archives import read_file
from pipeline.feeds.files import Stamp, place_of, stamp
from pipeline.feeds.outbox import Outbox
from pipeline.feeds.progress import start_of, state_at
from pipeline.feeds.reads import Outcome, PassedOver, Place, Reading, settled
from pipeline.kafka.cluster import waited_for
from pipeline.kafka.ports import IngestStates
from pipeline.records import Article, DeadLetter, IngestState

logger = logging.getLogger(__name__)

T = TypeVar("T")

_CHUNK = 100


class IngestCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What was published: articles, and dead letters for what could not be read.

    ``passed_over`` counts what is no article by reason, ``files_known`` the files that an earlier
    call had read to their end. ``files`` are those this call is through with.
    """

    articles: int = 0
    dead_letters: int = 0
    passed_over: dict[str, int] = {}
    files: int = 0
    files_known: int = 0

    @property
    def records(self) -> int:
        """Texts and records read, whatever came of them."""
        return self.articles + self.dead_letters + sum(self.passed_over.values())

    def plus(self, outcomes: Sequence[Outcome]) -> IngestCounts:
        """These counts with ``outcomes`` added."""
        passed_over = dict(self.passed_over)
        for outcome in outcomes:
            if isinstance(outcome, PassedOver):
                passed_over[outcome.value] = passed_over.get(outcome.value, 0) + 1
        return msgspec.structs.replace(
            self,
            articles=self.articles + sum(isinstance(each, Article) for each in outcomes),
            dead_letters=self.dead_letters + sum(isinstance(each, DeadLetter) for each in outcomes),
            passed_over=passed_over,
        )

    def plus_file(self, *, known: bool) -> IngestCounts:
        """These counts with one more file, which was ``known`` or read now."""
        return msgspec.structs.replace(
            self, files=self.files + (not known), files_known=self.files_known + known
        )


class Ingest:
    """Publishes the articles of files. ``on_progress`` hears the counts so far, ``report`` that
    Kafka is waited for, and ``on_wait`` each try at it."""

    def __init__(
        self,
        reading: Reading,
        outbox: Outbox,
        states: IngestStates,
        on_progress: Callable[[IngestCounts], None],
        report: Callable[[str], None] = logger.warning,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._reading = reading
        self._outbox = outbox
        self._states = states
        self._on_progress = on_progress
        self._report = report
        self._on_wait = on_wait
        self._counts = IngestCounts()

    async def run(self, files: Sequence[Path], *, restart: bool = False) -> IngestCounts:
        """Read what earlier calls have not; everything anew with ``restart``."""
        known: Mapping[str, IngestState] = {}
        if not restart:
            known = await waited_for(self._states.load, self._report, on_wait=self._on_wait)
        for file in files:
            found = stamp(file)
            start = start_of(known.get(place_of(file)), found)
            if start is not None:
                await self._read(file, found, start)
            self._counts = self._counts.plus_file(known=start is None)
            self._on_progress(self._counts)
        return self._counts

    async def _read(self, file: Path, found: Stamp | None, start: Place) -> None:
        place: Place | None = start
        reads = settled(read_file(file, self._reading, start), self._reading.in_flight)
        async for chunk in chunks_in_background(reads, _CHUNK):
            outcomes = [outcome for outcome, _ in chunk]
            await self._outbox.send([each for each in outcomes if not isinstance(each, PassedOver)])
            place = chunk[-1][1]
            if len(chunk) == _CHUNK:
                await self._remember(file, found, place)
            self._counts = self._counts.plus(outcomes)
            self._on_progress(self._counts)
        await self._remember(file, found, place, done=True)

    async def _remember(
        self, file: Path, found: Stamp | None, place: Place | None, *, done: bool = False
    ) -> None:
        """Nothing of a file that could not be read to its end: it may be readable next time."""
        if found is not None and place is not None:
            time = self._reading.now
            await self._states.save(state_at(place_of(file), found, place, time, done=done))
