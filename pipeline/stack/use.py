"""Who uses the local servers: lines that run at the same time, in processes of their own.

Each holds a shared lock for as long as it runs, which the kernel lets go when it dies. Servers that
a line started carry a mark: the last line that uses them stops them, whichever started them, those
of a line that was killed included. ``pipeline up`` takes the mark away, and they are kept.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_LOCK = ".lines.lock"
_MARK = ".started-by-line"


class Use:
    """The use of the servers with their data in ``data_dir`` by one line."""

    def __init__(self, data_dir: Path, lock: IO[str]) -> None:
        self._data_dir = data_dir
        self._lock = lock

    def mark(self) -> None:
        """They were started for a line."""
        (self._data_dir / _MARK).touch()

    def last(self) -> bool:
        """Whether the line at its end is the one to stop them; no other can start until it has."""
        return _try_exclusive(self._lock) and (self._data_dir / _MARK).exists()


@contextmanager
def using(data_dir: Path) -> Iterator[Use]:
    """Use the servers; waits while the last line before is stopping them."""
    with (data_dir / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield Use(data_dir, lock)


def keep(data_dir: Path) -> None:
    """Take the mark away: no line stops the servers from now on."""
    (data_dir / _MARK).unlink(missing_ok=True)


def in_use(data_dir: Path) -> bool:
    """Whether a line is running on them."""
    with (data_dir / _LOCK).open("a") as lock:
        return not _try_exclusive(lock)


def _try_exclusive(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
