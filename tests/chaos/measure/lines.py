"""What a process wrote to its log: how many lines, and which causes twice within a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

_LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\S+) (?P<level>[A-Z]+) (?P<logger>[\w.]+): (?P<text>.*)"
)
_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+")
_SUMMARY = re.compile(r"\d+ more like this in \d+ s: ")
_ENDED = re.compile(r"\S+ ended with -?\d+; starting it again")
_TIMER_SECONDS = 0.5  # between what the process's clock and a line's time say


class Written(NamedTuple):
    """``lines`` in all; ``repeated`` are causes that were told again too soon."""

    lines: int
    repeated: tuple[str, ...]


def written(log: Iterable[str], seconds: float) -> Written:
    """Judges the lines of a log: a cause is told once in ``seconds``, by one life of a process.

    What a library says of several connections in one form is one cause; what was left out may be
    counted beside it.
    """
    count, last, repeated = 0, dict[str, datetime](), list[str]()
    for line in log:
        count += 1
        if _ENDED.match(line):
            last.clear()
        for time, cause in _cause(line):
            before = last.get(cause)
            last[cause] = time
            if before is not None and (time - before).total_seconds() < seconds - _TIMER_SECONDS:
                repeated.append(cause)
    return Written(count, tuple(dict.fromkeys(repeated)))


def _cause(line: str) -> Iterator[tuple[datetime, str]]:
    found = _LINE.match(line)
    if found is None or found["level"] == "INFO" or _SUMMARY.match(found["text"]):
        return
    ours = found["logger"].partition(".")[0] == "pipeline"
    text = found["text"] if ours else _VARYING.sub("#", found["text"])
    yield datetime.fromisoformat(found["time"]), f"{found['level']} {found['logger']}: {text[:300]}"
