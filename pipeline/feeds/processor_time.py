"""How much of a processor one document may take: pure Python is interrupted, whatever it does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MEGABYTE = 1 << 20
_SECONDS_PER_MEGABYTE = 2.0
_AGAIN = 0.5  # of the time: where a library has caught what was to end it


class TookTooLong(BaseException):
    """No Exception: those that readers catch must not hide it."""


def allowed_seconds(size: int) -> float:
    """For a document of so many bytes: ordinary pages take a tenth of a second, large ones half."""
    return _SECONDS_PER_MEGABYTE * max(1.0, size / MEGABYTE)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in the context once this process has used so many seconds in it. For the
    main thread of a process that does nothing else; code in C is let go on to its end."""
    before = signal.signal(signal.SIGPROF, _end)
    signal.setitimer(signal.ITIMER_PROF, seconds, seconds * _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _end(_: int, __: FrameType | None) -> None:
    raise TookTooLong
