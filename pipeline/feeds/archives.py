"""Any file of an archive, read by its kind, from its start or from where reading was broken off."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import Rejected
from pipeline.feeds.captures import read_captures
from pipeline.feeds.documents import file_letter, read_texts
from pipeline.feeds.files import ARCHIVE, kind, place_of
from pipeline.feeds.reads import START, Place, Read, Reading
from pipeline.records import Reason

_UNREADABLE = (OSError, EOFError, zlib.error)


def read_file(path: Path, reading: Reading, start: Place = START) -> Iterator[Read]:
    """One read for each text or record from ``start`` on, and one for each that cannot be read."""
    read = read_captures if kind(path.name) == ARCHIVE else read_texts
    try:
        yield from read(path, start, reading)
    except _UNREADABLE as error:
        detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
        refusal = Rejected(Reason.UNREADABLE_FILE, detail)
        letter = file_letter(refusal, b"", place_of(path), path, reading)
        yield Read(lambda: letter, None)
