"""What the bytes of a feed are, before any parser sees them: packed, wide, a page, something else.

Everything here looks at a bounded head of the document, or in linear time at all of it.
"""

from __future__ import annotations

import codecs
import re
import zlib

from w3lib.encoding import http_content_type_encoding

from pipeline.feeds.encodings import corrected

UNPACKED_LIMIT = 52_428_800  # bytes; sitemaps.org allows a sitemap no more

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_HEAD = 16_384  # bytes
_FEW = 512  # bytes
# UTF-32 first: its mark begins like that of UTF-16.
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
# Atomic, or a hostile prolog would take exponential time.
_PROLOG = re.compile(rb"(?>(?:<\?.*?\?>|<!--.*?-->|\s++)*+)", re.DOTALL)
_ROOT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel|urlset|sitemapindex|html)[\s>/]", re.IGNORECASE
)
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_XML = re.compile(rb"\s*<[?!a-zA-Z]")
_FORMATS = {
    "feed": "atom",
    "rdf": "rdf",
    "urlset": "sitemap",
    "sitemapindex": "sitemap-index",
    "html": "html",
}


def unpacked(data: bytes, limit: int = UNPACKED_LIMIT) -> bytes:
    """``data`` without gzip, at most ``limit`` bytes of it; one that ends early is read so far.

    A sitemap is often a file with gzip, which no header says. Raises ValueError.
    """
    if not data.startswith(_GZIP):
        return data
    gzip = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = gzip.decompress(data, limit + 1)
    except zlib.error as error:
        raise ValueError("gzip, but broken") from error
    if len(plain) > limit:
        raise ValueError(f"gzip, but over {limit} bytes unpacked")
    return plain


def readable(data: bytes, content_type: str | None = None) -> bytes:
    """The document in a form in which ASCII stands for itself: UTF-16 and UTF-32 become UTF-8, and
    so does a text whose declared encoding cannot be right."""
    for mark, encoding in _WIDE:
        if data.startswith(mark):
            return _recoded(data, encoding)
    header = http_content_type_encoding(content_type)
    right = corrected(data, declared=_declared(data), header=header)
    return _recoded(data, right) if right else data


def _declared(data: bytes) -> str | None:
    declaration = DECLARATION.match(data, 0, _FEW)
    encoding = _ENCODING.search(declaration.group()) if declaration else None
    return encoding.group(1).decode() if encoding else None


def _recoded(data: bytes, encoding: str) -> bytes:
    text = data.decode(encoding, "replace")
    return DECLARATION.sub(b"", text.encode("utf-8", "replace"), count=1)


def format_of(data: bytes) -> str:
    """The format by the first element that tells: rss, atom, rdf, sitemap, sitemap-index, html."""
    prolog = _PROLOG.match(data, 0, _HEAD)
    root = _ROOT.search(data, prolog.end() if prolog else 0, _HEAD)
    return _FORMATS.get(root.group(1).decode().lower(), "rss") if root else ""


def what_else(data: bytes) -> str:
    """What a document is that is no feed, for people."""
    head = data[:_HEAD]
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if first == b"<" and _PAGE.search(head):
        return "an HTML page, not a feed"
    if first == b"[":
        return "JSON, but no JSON Feed"
    if b"\0" in head[:_FEW] or head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF")):
        return "binary data, not a feed"
    if _XML.match(head):
        return "XML, but neither RSS nor Atom nor a sitemap"
    return "neither RSS nor Atom"
