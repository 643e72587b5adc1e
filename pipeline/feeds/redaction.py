"""Addresses as they may be shown: without what lets whoever reads them in. Pure.

Private feeds have their key in the address: before the host, in the query, or in the path. What is
shown to people, written to a log, a topic or the index has stars there; an address that has no such
thing stays as it is. Feeds are told apart by their ids.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

HIDDEN = "***"
_SECRET_NAME = re.compile(
    r"token|secret|passw|pwd|credential|signature|session|api_?-?key|access|auth|jwt|hmac"
    r"|^(?:key|sig|sid|pass|code|hash|k|t|u|user|uid|uuid)$",
    re.IGNORECASE,
)
_LONG = re.compile(r"[A-Za-z0-9_=-]{16,}")
_SHORTEST_KEY = 16
_DIGITS = 3


def shown_url(url: str) -> str:
    """``url`` without credentials and keys."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:  # what is no address may be anything
        return HIDDEN
    netloc = f"{HIDDEN}@{host}" if "@" in parts.netloc else host
    path = "/".join(
        HIDDEN if _is_key(part.partition(".")[0]) else part for part in parts.path.split("/")
    )
    shown = SplitResult(parts.scheme, netloc, path, _query(parts.query), "")
    return urlunsplit(shown) if shown != parts else url


def kept_url(url: str) -> str:
    """What tells two addresses apart where neither may stand: as it is shown, with a hash of all of
    it where that is less."""
    shown = shown_url(url)
    return shown if shown == url else f"{shown}#{hashlib.sha256(url.encode()).hexdigest()[:16]}"


def is_kept_as(url: str, kept: str) -> bool:
    """Whether ``kept`` is of ``url``; earlier versions kept addresses as they are."""
    return kept in (url, kept_url(url))


def without_credentials(url: str) -> str:
    """``url`` without what stands before its host."""
    scheme, separator, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" not in authority:
        return url
    return scheme + separator + rest[authority.rindex("@") + 1 :]


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(_is_secret(name, value) for name, value in pairs):
        return query
    return "&".join(
        f"{name}={HIDDEN if _is_secret(name, value) else value}" for name, value in pairs
    )


def _is_secret(name: str, value: str) -> bool:
    return bool(value) and (bool(_SECRET_NAME.search(name)) or _is_key(value))


def _is_key(text: str) -> bool:
    """Whether it looks like chance: long, without words, with digits among letters."""
    if len(text) < _SHORTEST_KEY or not _LONG.fullmatch(text):
        return False
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    words = [word for word in re.split(r"[-_]", text) if word.isalpha() and word.islower()]
    return digits >= _DIGITS and letters >= _DIGITS and len(words) < 2
