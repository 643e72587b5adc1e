"""One line for each cause in ten seconds: an outage is told, and does not fill the disk.

Measured: the libraries below wrote up to 400 lines a second while Kafka was gone.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

SECONDS = 10.0
_MOST_CAUSES = 1_000  # remembered at a time
_OURS = "pipeline"
_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+")  # in what a library has put together by itself
_LONGEST = 300


class LeftOut(NamedTuple):
    """How many lines like ``text`` were left out within ``seconds``."""

    logger: str
    level: int
    text: str
    lines: int
    seconds: float


class _Window:
    """What is known of a cause: not its first record, whose arguments may be large."""

    __slots__ = ("began", "count", "level", "logger", "text")

    def __init__(self, first: logging.LogRecord, now: float) -> None:
        self.logger = first.name
        self.level = first.levelno
        self.text = first.getMessage()[:_LONGEST]
        self.began = now
        self.count = 0


class Thinner:
    """Decides which records are written. ``now`` is monotonic, in seconds; it is thread-safe.

    Of each cause the first is, and then none for ``seconds``. At most ``most`` causes are known at
    a time; the one that is known longest is forgotten first. Loggers in ``whole`` are let alone.
    """

    def __init__(
        self,
        seconds: float = SECONDS,
        most: int = _MOST_CAUSES,
        whole: frozenset[str] = frozenset(),
    ) -> None:
        self._whole = whole
        self._seconds = seconds
        self._most = most
        self._windows: OrderedDict[Hashable, _Window] = OrderedDict()  # the oldest first
        self._lock = threading.Lock()

    def take(self, record: logging.LogRecord, now: float) -> tuple[bool, list[LeftOut]]:
        """Whether to write ``record``, and what is to be said before of those left out."""
        if record.name in self._whole:
            return True, []
        cause = cause_of(record)
        with self._lock:
            over = self._over(now)
            window = self._windows.get(cause)
            if window is not None:
                window.count += 1
                return False, over
            self._windows[cause] = _Window(record, now)
            if len(self._windows) > self._most:
                over += self._closed(now)
            return True, over

    def _over(self, now: float) -> list[LeftOut]:
        over: list[LeftOut] = []
        while self._windows and self._oldest().began + self._seconds <= now:
            over += self._closed(now)
        return over

    def _oldest(self) -> _Window:
        return next(iter(self._windows.values()))

    def _closed(self, now: float) -> list[LeftOut]:
        """The oldest window, of whose cause the next line is written again."""
        _, window = self._windows.popitem(last=False)
        if not window.count:
            return []
        seconds = min(self._seconds, now - window.began)
        return [LeftOut(window.logger, window.level, window.text, window.count, seconds)]


def cause_of(record: logging.LogRecord) -> Hashable:
    """What makes two records the same: of errors with a traceback, all of it.

    Of libraries it is the message without its arguments, of ours with those that name something.
    """
    if record.exc_info:
        return record.name, record.levelno, _traceback(record)
    message = str(record.msg)[:_LONGEST]
    if record.name.partition(".")[0] == _OURS:
        return record.name, record.levelno, message, _naming(record)
    return record.name, record.levelno, _VARYING.sub("#", message)


def _traceback(record: logging.LogRecord) -> str:
    return logging.Formatter().formatException(record.exc_info) if record.exc_info else ""


def _naming(record: logging.LogRecord) -> tuple[str, ...]:
    """The arguments; of a warning without its numbers: how many failed now is no other cause."""
    given = record.args if isinstance(record.args, tuple) else (record.args,)
    warns = record.levelno >= logging.WARNING
    return tuple(
        str(each)[:_LONGEST] for each in given if not (warns and isinstance(each, int | float))
    )


class ThinningFilter(logging.Filter):
    """For a handler: passes what a :class:`Thinner` lets through. ``tell`` writes a record of ours
    that says what was left out."""

    def __init__(
        self,
        thinner: Thinner,
        tell: Callable[[logging.LogRecord], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._thinner = thinner
        self._tell = tell
        self._clock = clock

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write it. One that cannot be judged is: the handler says what is wrong."""
        try:
            passes, over = self._thinner.take(record, self._clock())
        except Exception:  # arguments that do not fit, or cannot be shown
            return True
        for each in over:
            self._tell(_summary(each))
        return passes


def _summary(left: LeftOut) -> logging.LogRecord:
    message = f"{left.lines} more like this in {left.seconds:.0f} s: {left.text}"
    return logging.LogRecord(left.logger, left.level, __file__, 0, message, (), None)
