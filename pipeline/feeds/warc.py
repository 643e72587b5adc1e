"""The records of a WARC file, and what is left of it where it is damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import IO

import msgspec
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParser

from pipeline.feeds.reads import Place
from pipeline.feeds.warc_stream import BombError, DamagedError, WarcStream

HEADER_LIMIT = 65_536  # bytes, of the headers of a record and of its HTTP response
_SAMPLE = 1_024
_BLANK = (b"\r\n", b"\n")
_LENGTH = re.compile(r"\d{1,15}")

_parser = StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES)


class Record(msgspec.Struct, frozen=True):
    """One record: its header fields by lower-case name, and its block.

    ``block`` is empty where nobody wants it, None where it is over the limit.
    """

    fields: dict[str, str]
    block: bytes | None
    after: Place


class Damage(msgspec.Struct, frozen=True):
    """Bytes that are no record; ``sample`` is how they begin, as far as they can be had."""

    detail: str
    sample: bytes
    after: Place


def read_records(
    file: IO[bytes], start: Place, *, gzipped: bool, max_bytes: int
) -> Iterator[Record | Damage]:
    """The records from ``start`` on. After damage it goes on with the next record that is whole.

    Only the blocks of responses are read, each up to ``max_bytes``. Raises OSError.
    """
    stream = WarcStream(file, gzipped=gzipped, offset=start.offset)
    reader = _Reader(stream, max_bytes)
    damage: Damage | None = None
    skip = start.skip
    while True:
        try:
            record = reader.next()
        except DamagedError as error:
            # One letter for the damage, however many false starts there are within it.
            damage = damage or reader.damage(error, file)
            if isinstance(error, BombError) or not reader.find_next():
                break
            skip = 0
            continue
        if damage is not None:
            yield msgspec.structs.replace(damage, after=reader.before)
            damage = None
        if record is None:
            return
        if skip:
            skip -= 1
            continue
        yield record
    if damage is not None:
        yield damage


class _Reader:
    """Takes one record after another from a stream, and counts those of a gzip member."""

    def __init__(self, stream: WarcStream, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self.before = Place(stream.begin)
        self._after = self.before

    def next(self) -> Record | None:
        """The next record, None at the end. Raises DamagedError."""
        self.before = self._after
        head = self._head()
        if not head:
            return None
        fields = _fields(head)
        length = _content_length(fields)
        block = self._block(fields, length)
        self._blank_lines()
        begin = self._stream.begin
        within = begin == self.before.offset
        self._after = Place(begin, self.before.skip + 1 if within else 0)
        return Record(fields, block, self._after)

    def damage(self, error: DamagedError, file: IO[bytes]) -> Damage:
        """What is said of the record that was begun last."""
        file.seek(self.before.offset)
        detail = f"byte {self.before.offset}: {error}"
        return Damage(detail, file.read(_SAMPLE), self.before)

    def find_next(self) -> bool:
        """Go to where the next record may begin; False where there is none."""
        found = self._stream.find_next(self.before.offset)
        if found is None:
            return False
        self._stream.seek(found)
        self._after = Place(found)
        return True

    def _head(self) -> bytes:
        head = line = self._stream.readline(HEADER_LIMIT)
        while line in _BLANK:  # some writers leave more than two before a record
            head = line = self._stream.readline(HEADER_LIMIT)
        if line and not line.startswith(b"WARC/"):
            raise DamagedError("no WARC record begins here")
        while line and line not in _BLANK:
            line = self._stream.readline(HEADER_LIMIT)
            head += line
            if len(head) > HEADER_LIMIT:
                raise DamagedError(f"headers of over {HEADER_LIMIT} bytes")
        if head and not line:
            raise DamagedError("the file ends in the middle of a record's headers")
        return head

    def _block(self, fields: dict[str, str], length: int) -> bytes | None:
        wanted = fields.get("warc-type", "").lower() == "response"
        if wanted and length <= self._max_bytes:
            block = self._stream.read(length)
            had = len(block)
        else:
            block = b""
            had = self._stream.skip(length)
        if had < length:
            raise DamagedError("the record is shorter than its Content-Length")
        return block if not wanted or length <= self._max_bytes else None

    def _blank_lines(self) -> None:
        for _ in range(2):
            # At the end of the file they may be missing: the record is whole all the same.
            if (line := self._stream.readline(2)) and line not in _BLANK:
                raise DamagedError("the record is longer than its Content-Length")


def _fields(head: bytes) -> dict[str, str]:
    try:
        parsed = _parser.parse(BytesIO(head))
    except Exception as error:  # a third party's parser on hostile bytes: one verdict
        raise DamagedError("its headers cannot be read") from error
    fields: dict[str, str] = {}
    for name, value in parsed.headers:
        fields.setdefault(name.lower(), value.strip())
    return fields


def _content_length(fields: dict[str, str]) -> int:
    length = fields.get("content-length", "")
    if not _LENGTH.fullmatch(length):
        raise DamagedError("it has no Content-Length")
    return int(length)
