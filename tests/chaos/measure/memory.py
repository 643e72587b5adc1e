"""How much memory each process takes, and whether it grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tests.chaos.measure.figures import Slope, slope

_EVERY_SECONDS = 10.0
_MEGABYTE = 1_000_000
_SECONDS_PER_HOUR = 3600.0
SETTLING_SECONDS = 600.0

Points = Sequence[tuple[float, float]]


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """Megabytes of one process with its children, at the end and at most, and how many more each
    hour after the first ten minutes."""

    last: float
    most: float
    per_hour: Slope | None


def growth(points: Points, after: float = SETTLING_SECONDS) -> Growth:
    """What the measurements of one process (seconds, megabytes) say."""
    settled = [(seconds / _SECONDS_PER_HOUR, size) for seconds, size in points if seconds >= after]
    sizes = [size for _, size in points]
    return Growth(
        last=sizes[-1] if sizes else 0.0, most=max(sizes, default=0.0), per_hour=slope(settled)
    )


class Memory:
    """Measures ``processes`` (names to process ids) every ten seconds while the context is open."""

    def __init__(self, processes: Callable[[], Mapping[str, Iterable[int]]]) -> None:
        self.points: dict[str, list[tuple[float, float]]] = {}
        self._processes = processes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        started = time.monotonic()
        while not self._stop.wait(_EVERY_SECONDS):
            for name, pids in self._processes().items():
                size = sum(map(proportional, pids))
                if size:
                    point = (round(time.monotonic() - started, 1), round(size / _MEGABYTE, 1))
                    self.points.setdefault(name, []).append(point)


def proportional(pid: int) -> int:
    """The proportional set size in bytes: what is shared is counted once among all who share it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
