"""Which encoding bytes are in, where what is said of them cannot be so."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from charset_normalizer import from_bytes

_SAMPLE = 32_768  # bytes that a guess looks at
_FALLBACK = "cp1252"  # what browsers take for bytes that say nothing of themselves
# Encodings of one byte a character. Text in them is no valid UTF-8 but by a rare accident, unlike
# that of East Asian ones: two bytes of GB 2312 are often a character of UTF-8.
_NARROW = re.compile(r"iso8859-\d{1,2}|cp125\d|koi8-[rtu]|mac-[a-z]+")
# Those that texts on the web are in. Python knows others, some of which take quadratic time.
_WIDE = re.compile(
    r"gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|cp932|euc_jp|euc_kr|cp949|iso2022_jp"
)


def corrected(data: bytes, *, declared: str | None, header: str | None = None) -> str | None:
    """The encoding of a text whose ``declared`` one cannot be right; None where it may be.

    ``header`` is that of the HTTP header, taken where the text itself declares none that fits.
    """
    if data.isascii():
        return None
    if is_utf8(data):
        return "utf-8" if declared and _NARROW.fullmatch(_codec(declared)) else None
    if _fits(data, declared):
        return None
    return header if _fits(data, header) else guess(data)


def is_utf8(data: bytes) -> bool:
    """Whether it is UTF-8, but for a few broken characters."""
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return True
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) > 2 * broken


def guess(data: bytes) -> str:
    """The likeliest encoding of bytes that are not told."""
    if is_utf8(data):
        return "utf-8"
    start = next((at for at, byte in enumerate(data) if byte > 127), 0)
    best = from_bytes(data[max(0, start - _SAMPLE // 2) : start + _SAMPLE // 2]).best()
    return best.encoding if best else _FALLBACK


def _fits(data: bytes, encoding: str | None) -> bool:
    codec = _codec(encoding) if encoding else ""
    if not (_NARROW.fullmatch(codec) or _WIDE.fullmatch(codec)):
        return False
    try:
        data.decode(codec)
    except UnicodeError:
        return False
    return True


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):  # no such encoding, or no name at all
        return ""
