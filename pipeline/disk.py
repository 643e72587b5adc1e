"""A full disk is named as such, wherever it shows."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import disk_usage

NO_SPACE = "No space left on device"  # as the C library says it, and so every server's log

_NEXT_TO_NOTHING = 1 << 20  # bytes
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def full_disk(error: BaseException) -> str | None:
    """What to tell of an error that a full disk is behind; None for others."""
    for each in _behind(error):
        if isinstance(each, OSError) and each.errno in _FULL:
            return told(each.filename or "the output")
        if isinstance(each, sqlite3.Error) and _code(each) == sqlite3.SQLITE_FULL:
            return told(_scratch_dir())
    return None


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for part in error.exceptions:
                yield from _behind(part)
        error = error.__cause__ or error.__context__


def _code(error: sqlite3.Error) -> int | None:
    return getattr(error, "sqlite_errorcode", None)


def _scratch_dir() -> str:
    """Where SQLite keeps what has no name."""
    return os.environ.get("SQLITE_TMPDIR") or os.environ.get("TMPDIR") or "/var/tmp"  # noqa: S108


def is_full(place: Path, free: Callable[[Path], int] = lambda path: disk_usage(path).free) -> bool:
    """Whether what writes at ``place`` may have failed for that. Programs that map their files die
    of it in ways that do not name it: Kafka's virtual machine of an InternalError."""
    return free(place) < _NEXT_TO_NOTHING


def told(place: str | bytes) -> str:
    """The one line about the disk of a file, a folder or a server."""
    return f"the disk of {os.fsdecode(place)} is full: make room there"
