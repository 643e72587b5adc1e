"""The bytes of a WARC file, plain or gzipped member by member, that know where they stand.

warcio's own iterator is not used for this: it takes lines of any length, passes over a gzip that
was cut off without a word, and unpacks without a limit. Its parsers of headers and chunks are.
"""

from __future__ import annotations

import zlib
from typing import IO

_BLOCK = 65_536
_RATIO_LIMIT = 200  # pages do not compress better; what does is a bomb
_FREE_BYTES = 67_108_864  # so much may come of any file
_GZIP = b"\x1f\x8b\x08"
_RECORD = b"WARC/1."


class DamagedError(Exception):
    """The bytes here are not what they should be; the message says how."""


class BombError(DamagedError):
    """The file unpacks beyond belief: nothing further in it is read."""


class WarcStream:
    """Reads on from byte ``offset`` of an open file.

    ``begin`` is the offset of the gzip member that is being read; in a plain file that of the next
    byte. Raises DamagedError for gzip that is broken or cut off, OSError for what the disk does.
    """

    def __init__(self, file: IO[bytes], *, gzipped: bool, offset: int) -> None:
        self._file = file
        self._gzipped = gzipped
        self._produced = 0
        self._first = offset
        self.seek(offset)

    def seek(self, offset: int) -> None:
        """Go on at a member, in a plain file at any byte."""
        self._file.seek(offset)
        self._offset = offset  # of what comes after _packed
        self._packed = b""
        self._ready = bytearray()
        self._used = 0  # of what is ready
        self._member: zlib._Decompress | None = None
        self._member_at = offset

    @property
    def begin(self) -> int:
        """See the class. Meant for use between records."""
        if not self._gzipped:
            return self._offset - self._left
        if not self._left and self._member is not None:
            self._fill()  # whether the member ends here is known only after its last bytes
        return self._member_at if self._left or self._member else self._offset - len(self._packed)

    @property
    def _left(self) -> int:
        return len(self._ready) - self._used

    def readline(self, limit: int) -> bytes:
        """To the end of the line, at most ``limit`` bytes; empty at the end of the file."""
        while True:
            end = self._ready.find(b"\n", self._used, self._used + limit)
            if end >= 0:
                return self._take(end + 1 - self._used)
            if self._left >= limit or not self._fill():
                return self._take(min(limit, self._left))

    def read(self, size: int) -> bytes:
        """``size`` bytes, fewer only at the end of the file."""
        while self._left < size and self._fill():
            pass
        return self._take(min(size, self._left))

    def skip(self, size: int) -> int:
        """Pass over ``size`` bytes; how many there were."""
        passed = 0
        while passed < size and (self._left or self._fill()):
            step = min(size - passed, self._left)
            self._used += step
            passed += step
        return passed

    def find_next(self, after: int) -> int | None:
        """The offset of what looks like a member, in a plain file a record, beyond ``after``."""
        mark = _GZIP if self._gzipped else _RECORD
        at = after + 1
        self._file.seek(at)
        held = b""
        while block := self._file.read(_BLOCK):
            held += block
            if (found := held.find(mark)) >= 0:
                return at + found
            kept = len(mark) - 1
            at += max(0, len(held) - kept)
            held = held[-kept:]
        return None

    def _take(self, size: int) -> bytes:
        taken = bytes(self._ready[self._used : self._used + size])
        self._used += size
        return taken

    def _fill(self) -> bool:
        """Have more bytes ready; False at the end of the file."""
        if self._used:
            del self._ready[: self._used]
            self._used = 0
        more = self._unpacked() if self._gzipped else self._next_block()
        self._ready += more
        return bool(more)

    def _next_block(self) -> bytes:
        block = self._file.read(_BLOCK)
        self._offset += len(block)
        return block

    def _unpacked(self) -> bytes:
        """The next bytes of this member, or the first of the next one."""
        while True:
            self._packed = self._packed or self._next_block()
            if not self._packed:
                if self._member is not None:
                    raise DamagedError("the file ends in the middle of a gzip member")
                return b""
            if self._member is None:
                if self._left:
                    return b""  # a record never goes on in the next member
                self._member_at = self._offset - len(self._packed)
                self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
            data = self._step(self._member)
            if data or self._member is None:
                return data

    def _step(self, member: zlib._Decompress) -> bytes:
        try:
            data = member.decompress(self._packed, _BLOCK)
        except zlib.error as error:
            raise DamagedError("not gzip, or broken") from error
        self._packed = member.unused_data if member.eof else member.unconsumed_tail
        if member.eof:
            self._member = None
        self._produced += len(data)
        read = self._offset - len(self._packed) - self._first
        if self._produced > max(_FREE_BYTES, read * _RATIO_LIMIT):
            raise BombError("unpacks beyond belief")
        return data
