"""How long after a fault the line goes on: pure but for the waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from tests.chaos.measure.progress import Sample

_TICK_SECONDS = 0.1
PATIENCE_SECONDS = 90.0


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the end of a fault until all went on, and what was last; None: it did not."""

    seconds: float | None
    last: str

    @property
    def text(self) -> str:
        """For people."""
        took = "no recovery" if self.seconds is None else f"{self.seconds:.1f} s"
        return f"{took} ({self.last})"


def waiting_stations(before: Sample, now: Sample) -> frozenset[str]:
    """The stations that have something to do and have done nothing since ``before``."""
    return frozenset(
        name
        for name, station in now.stations.items()
        if station.behind and station.committed <= _committed(before, name)
    )


def _committed(sample: Sample, name: str) -> int:
    station = sample.stations.get(name)
    return station.committed if station else 0


def measure(
    ended: float,
    before: Sample,
    sample: Callable[[], Sample],
    lateness: Callable[[], Mapping[str, float | None]],
    patience: float = PATIENCE_SECONDS,
) -> Recovery:
    """Wait until every station that has lag has committed something since ``ended``, and every feed
    that was due was asked. ``before`` is the last sample of before the end of the fault."""
    slowest, last = 0.0, "nothing waited"
    waiting: frozenset[str] | None = None
    until = ended + patience
    while time.monotonic() < until:
        now = sample()
        still = waiting_stations(before, now) if now.at > ended else frozenset({"no answer"})
        if waiting and not still:
            slowest, last = now.at - ended, ", ".join(sorted(waiting))
        late = lateness()
        if not still and None not in late.values():
            return _slower(slowest, last, late)
        waiting = still
        time.sleep(_TICK_SECONDS)
    silent = [name for name, seconds in lateness().items() if seconds is None]
    return Recovery(seconds=None, last=_shortened([*sorted(waiting or ()), *silent]))


def _slower(slowest: float, last: str, late: Mapping[str, float | None]) -> Recovery:
    seconds = max((each or 0.0 for each in late.values()), default=0.0)
    if seconds > slowest:
        last = max(late, key=lambda name: late[name] or 0.0)
    return Recovery(seconds=round(max(seconds, slowest), 2), last=last)


def _shortened(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:4]) + (f" and {len(every) - 4} more" if len(every) > 4 else "")
