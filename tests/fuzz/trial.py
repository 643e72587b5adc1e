"""One input given to one target: what came of it, and in how much time."""

from __future__ import annotations

import re
import signal
import time
import traceback
from collections.abc import Hashable
from math import inf
from types import FrameType
from typing import Any, NamedTuple

from tests.fuzz.target import Target

BOUND = 100
"""Loops of reference that an input may take for each 100 kB, and for one that is shorter."""

_FULL = 100_000  # bytes
_STOP_AFTER = 5  # times the bound
_TICK = 0.5  # seconds of the processor
_PARTICULARS = re.compile(r"\d+|'[^']*'|\"[^\"]*\"|`[^`]*`")
_SIGNIFICANT = 60  # characters of a refusal


class TookTooLong(BaseException):
    """No Exception: those that readers catch must not hide it."""


class Fault(NamedTuple):
    """A broken law. ``key`` is the same for the same cause: the kind of error and its place."""

    key: str
    detail: str


class Trial(NamedTuple):
    """``seconds`` are of the processor, as others may be at work on the same machine; of the clock
    where that is little enough."""

    outcome: Hashable
    seconds: float
    fault: Fault | None = None


def reference_seconds() -> float:
    """How long this machine takes for a fixed amount of work, about 20 ms; the best of five."""
    return min(_reference() for _ in range(5))


def _reference() -> float:
    started = time.process_time()
    total = 0
    for number in range(400_000):
        total += number & 7
    return time.process_time() - started


class Watch:
    """Interrupts what takes too much of the processor's time. A context manager, one at a time.

    One timer for all inputs: to set it takes longer than a quick target does.
    """

    def __init__(self, reference: float | None = None) -> None:
        self.reference = reference_seconds() if reference is None else reference
        self._left: float = inf
        self._before: Any = None

    def __enter__(self) -> Watch:
        self._before = signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, _TICK, _TICK)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def bound(self, data: bytes) -> float:
        """Seconds of the processor that an input may take."""
        return self.reference * BOUND * max(1.0, len(data) / _FULL)

    def outcome(self, target: Target, data: bytes) -> tuple[Hashable, Fault | None]:
        """What came of it; a fault where it had to be stopped."""
        self._left = 1 + self.bound(data) * _STOP_AFTER / _TICK
        try:
            return _outcome(target, data)
        finally:
            self._left = inf

    def _tick(self, _: int, __: FrameType | None) -> None:
        self._left -= 1
        if self._left < 0:
            self._left = inf
            raise TookTooLong


def tried(target: Target, data: bytes, watch: Watch, slowest: float = 0.0) -> Trial:
    """Give ``data`` to the target. Where it took longer than ``slowest`` by the clock, once more,
    for the time of the processor."""
    started = time.perf_counter()
    outcome, fault = watch.outcome(target, data)
    seconds = time.perf_counter() - started
    if fault is not None or seconds <= slowest:
        return Trial(outcome, seconds, fault)
    started = time.process_time()
    outcome, fault = watch.outcome(target, data)
    seconds = time.process_time() - started
    if fault is None and seconds > watch.bound(data):
        fault = Fault("slow", f"{seconds:.1f} s of the processor for {len(data)} bytes")
    return Trial(outcome, seconds, fault)


def _outcome(target: Target, data: bytes) -> tuple[Hashable, Fault | None]:
    try:
        return target.run(data), None
    except target.may_raise as error:
        return (type(error).__name__, _PARTICULARS.sub("", str(error))[:_SIGNIFICANT]), None
    except TookTooLong as error:
        return None, Fault("slow", f"stopped at {_place(error)} with {len(data)} bytes")
    except Exception as error:  # whatever it is: it is what is looked for
        kind = type(error).__name__
        return None, Fault(f"{kind} at {_place(error)}", f"{kind}: {error!s:.200}")


def _place(error: BaseException) -> str:
    """Where in the pipeline, or else in the checks, it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/pipeline/" in frame.filename]
    last = (ours or [frame for frame in frames if "/fuzz/targets/" in frame.filename] or frames)[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.name}:{last.lineno}"
