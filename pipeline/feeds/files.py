"""Files and folders by name: which are read, how they are opened, what identifies them."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

ARCHIVE = ".warc"
LINES = ".jsonl"
SUFFIXES = (".txt", ".html", ".htm", LINES, ARCHIVE)

_BUFFER = 1_048_576


class Stamp(NamedTuple):
    """What tells one state of a file from another: its size in bytes and its time of change."""

    size: int
    modified_ns: int


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of ``paths``, folders searched through in order; hidden ones are passed over.

    A file that is named is taken whatever its suffix; in a folder only those with a known one.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith(".") and kind(name) in SUFFIXES:
                    yield Path(folder) / name


def kind(name: str) -> str:
    """The suffix that says how a file is read, in lower case, without that of gzip."""
    return Path(name.lower().removesuffix(".gz")).suffix


def is_gzipped(path: Path) -> bool:
    """Whether its name says so."""
    return path.name.lower().endswith(".gz")


def place_of(path: Path) -> str:
    """The name by which a file's articles and its progress are known."""
    # A file's name need not be UTF-8; an article's guid must.
    return str(path.resolve()).encode("utf-8", "replace").decode()


def stamp(path: Path) -> Stamp | None:
    """The stamp of a file, None for one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns)


def open_file(path: Path) -> IO[bytes]:
    """Its bytes, unpacked where it is gzipped."""
    if is_gzipped(path):
        # Buffered: reading lines straight from gzip is twenty times slower.
        return io.BufferedReader(gzip.open(path), _BUFFER)
    return path.open("rb")
