"""A stored HTTP response becomes a page. May run long on hostile bytes: give it a process."""

from __future__ import annotations

import zlib
from io import BytesIO

from warcio.bufferedreaders import ChunkedDataReader

from pipeline.errors import Rejected
from pipeline.feeds.page import extract_page
from pipeline.feeds.parsed import Page, RawPage
from pipeline.records import Reason

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_PLAIN_DEFLATE = -zlib.MAX_WBITS
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_PLAIN = frozenset({"", "identity", "none", "utf-8"})  # the last two are frequent mistakes


def extract_raw_page(page: RawPage, *, min_chars: int, max_bytes: int) -> Page:
    """:func:`extract_page` of the decoded body; raises what it raises.

    Also Rejected: TOO_LARGE for a body over ``max_bytes`` once unpacked, UNREADABLE_FILE for one
    that cannot be unpacked.
    """
    body = unpack(dechunk(page.data) if page.chunked else page.data, page.coding, max_bytes)
    return extract_page(body, url=page.url, content_type=page.content_type, min_chars=min_chars)


def dechunk(data: bytes) -> bytes:
    """The body of chunks; as it is where a crawler kept the header but not the chunks."""
    return bytes(ChunkedDataReader(BytesIO(data)).read())


def unpack(data: bytes, coding: str, limit: int) -> bytes:
    """Undo a Content-Encoding, up to ``limit`` bytes. Raises Rejected.

    What is not packed, whatever the header says, is taken as it is: crawlers unpack and keep it.
    """
    if coding in _PACKED:
        data = _inflate(data, limit)
    elif coding not in _PLAIN and _looks_binary(data):
        raise Rejected(Reason.UNREADABLE_FILE, f"Content-Encoding {coding[:20]} is not supported")
    if len(data) > limit:
        raise Rejected(Reason.TOO_LARGE, f"over {limit} bytes once unpacked")
    return data


def _inflate(data: bytes, limit: int) -> bytes:
    for bits in (_GZIP_OR_ZLIB, _PLAIN_DEFLATE):
        try:
            # Cut off in the middle, its beginning is still a page: crawlers store so much at most.
            return zlib.decompressobj(bits).decompress(data, limit + 1)
        except zlib.error:
            continue
    if _looks_binary(data):
        raise Rejected(Reason.UNREADABLE_FILE, "the body cannot be unpacked")
    return data


def _looks_binary(data: bytes) -> bool:
    return b"<" not in data[:1_024] or b"\0" in data[:1_024]
