"""One input given to one target: what came of it, and in how much time."""

from __future__ import annotations

import re
import signal
import time
import traceback
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

from tests.fuzz.target import Target

BOUND = 100
"""Loops of reference that an input may take for each 100 kB, and for one that is shorter."""

_FULL = 100_000  # bytes
_STOP_AFTER = 5  # times the bound
_PARTICULARS = re.compile(r"\d+|'[^']*'|\"[^\"]*\"|`[^`]*`")
_SIGNIFICANT = 60  # characters of a refusal


class TookTooLong(BaseException):
    """No Exception: those that readers catch must not hide it."""


class Fault(NamedTuple):
    """A broken law. ``key`` is the same for the same cause: the kind of error and its place."""

    key: str
    detail: str


class Trial(NamedTuple):
    """``seconds`` are of the processor: others may be at work on the same machine."""

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


@contextmanager
def stopping() -> Iterator[None]:
    """What takes too long is interrupted within."""
    before = signal.signal(signal.SIGPROF, _stop)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stop(_: int, __: FrameType | None) -> None:
    raise TookTooLong


def tried(target: Target, data: bytes, reference: float) -> Trial:
    """Give ``data`` to the target. Only within :func:`stopping`."""
    bound = reference * BOUND * max(1.0, len(data) / _FULL)
    signal.setitimer(signal.ITIMER_PROF, bound * _STOP_AFTER)
    started = time.process_time()
    outcome, fault = _outcome(target, data)
    seconds = time.process_time() - started
    if fault is None and seconds > bound:
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
