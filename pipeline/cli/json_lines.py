"""Lines of JSON from a stream that may be anything: one at a time, each bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import IO

import msgspec


def numbered_lines(files: Iterable[IO[bytes]], limit: int) -> Iterator[tuple[int, bytes]]:
    """The lines of all files with their numbers, from 1; blank ones count and are left out.

    Of a line of over ``limit`` bytes its first ``limit`` + 1.
    """
    lines = chain.from_iterable(_lines(file, limit) for file in files)
    return ((number, line) for number, line in zip(count(1), lines) if line.strip())


def _lines(file: IO[bytes], limit: int) -> Iterator[bytes]:
    while line := file.readline(limit + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(limit)
        yield line


class _OnlyId(msgspec.Struct, frozen=True):
    id: str | int


def line_id(line: bytes, number: int) -> str | int:
    """The id a line has, though it has not what else is needed; else ``line N``."""
    try:
        return msgspec.json.decode(line, type=_OnlyId).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return f"line {number}"
