"""How much is made: as much as the line takes, so that it is always busy and never far behind."""

from __future__ import annotations

import subprocess
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.chaos.measure.progress import Progress
from tests.chaos.world.archives import ingest
from tests.chaos.world.world import World

_TICK_SECONDS = 1.0
_FULL_LAG = 1_500  # messages; then nothing more is made until the line has caught up
_MOST_A_SECOND = 200.0
_FEEDS_SHARE, _ARCHIVES_SHARE = 0.5, 0.2
_ARCHIVE_RECORDS = 400
_ARCHIVE_SECONDS = 30.0
_INGEST_PATIENCE_SECONDS = 90.0
_STEADY = 1.15
_EASY = 0.7


def next_rate(rate: float, behind: int) -> float:
    """Articles a second from now on, by how many wait: up slowly, down at once."""
    if behind > _FULL_LAG:
        return max(1.0, rate * _EASY)
    return min(_MOST_A_SECOND, rate * _STEADY) if behind < _FULL_LAG / 3 else rate


class Supply:
    """While the context is open, feeds, archives and direct messages bring news. Of the ``ingests``
    that were begun, ``failed`` ended with an error and ``stuck`` ones had to be killed; what they
    read is ingested again, until all of it was."""

    def __init__(self, world: World, progress: Progress, rate: float = 20.0) -> None:
        self.rate = rate
        self.ingests = self.failed = self.stuck = 0
        self._world = world
        self._progress = progress
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._control, self._ingest)
        ]
        self._sending: Future[None] | None = None

    def __enter__(self) -> Self:
        self._world.site.new = self._new_entries
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._world.site.new = lambda: 0
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._sending is not None:
            self._sending.result(300)

    @property
    def _paused(self) -> bool:
        return self._progress.last.behind > _FULL_LAG

    def _new_entries(self) -> int:
        """For one answer of one feed: each is asked every three seconds."""
        feeds = max(1, len(self._world.site.feeds))
        return 0 if self._paused else round(self.rate * _FEEDS_SHARE * 3 / feeds)

    def _control(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            self.rate = next_rate(self.rate, self._progress.last.behind)
            done = self._sending is None or self._sending.done()
            if done and not self._paused:
                share = 1 - _FEEDS_SHARE - _ARCHIVES_SHARE
                self._sending = self._world.background.begin(
                    self._world.direct.publish(max(1, round(self.rate * share)))
                )

    def _ingest(self) -> None:
        while not self._stop.wait(_ARCHIVE_SECONDS):
            if not self._paused:
                path = self._world.archives.write(_ARCHIVE_RECORDS)
                # What is on record must be read, whatever dies: also after the end of the supply.
                while not self._ingested(path):
                    time.sleep(1)

    def _ingested(self, path: Path) -> bool:
        process = ingest(self._world.line, path, self._world.folder / "logs" / "ingest.log")
        self.ingests += 1
        try:
            self.failed += process.wait(_INGEST_PATIENCE_SECONDS) != 0
        except subprocess.TimeoutExpired:
            self.stuck += 1
            process.kill()
        return process.wait() == 0
