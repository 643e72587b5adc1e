"""The bytes of a feed become entries: RSS 0.9x to 2.0, RDF, Atom, JSON Feed."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from urllib.parse import urljoin

from pipeline.errors import Rejected
from pipeline.feeds.canonical import parse_url
from pipeline.feeds.dates import parse_time
from pipeline.feeds.json_feed import looks_like_json, read_json_feed
from pipeline.feeds.markup import plain_title, sanitise
from pipeline.feeds.parsed import Entry, ParsedFeed
from pipeline.feeds.raw import RawEntry, RawFeed
from pipeline.feeds.text import clean_line
from pipeline.feeds.xml_feed import read_xml_feed
from pipeline.records import Reason

ENTRIES_LIMIT = 5_000
TITLE_LIMIT = 500
NAME_LIMIT = 200
AUTHORS_LIMIT = 50

_MAIL_AND_NAME = re.compile(r"^\S+@\S+\s*\((?P<name>[^)]+)\)$")  # RSS: joe@news.example (Joe)
_LANGUAGE = re.compile(r"^[a-zA-Z]{2,3}(?=[-_]|$)")


def parse_feed(data: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """Read a feed fetched from ``url``; relative links are resolved against it, if it is one.

    Raises Rejected(UNPARSABLE_FEED) for everything that is no feed, whatever a parser makes of it.
    At most ``ENTRIES_LIMIT`` entries are read.
    """
    try:
        raw = _read(data, url=url, content_type=content_type)
    except (
        Exception
    ) as error:  # third-party parsers on hostile bytes: all they raise is one verdict
        detail = str(error) if isinstance(error, ValueError) else type(error).__name__
        raise Rejected(Reason.UNPARSABLE_FEED, detail) from error
    base = str(parse_url(url) or "")
    language = language_code(raw.language)
    return ParsedFeed(
        title=plain_title(raw.title, TITLE_LIMIT),
        link=_absolute(raw.link, base),
        language=language,
        entries=tuple(_entry(entry, base, language) for entry in raw.entries[:ENTRIES_LIMIT]),
    )


def language_code(tag: str | None) -> str | None:
    """The primary subtag of a language tag: ``en`` of ``en-GB``."""
    match = _LANGUAGE.match((tag or "").strip())
    return match.group().lower() if match else None


def _read(data: bytes, *, url: str, content_type: str | None) -> RawFeed:
    if not data.strip():
        raise ValueError("empty")
    if looks_like_json(data):
        return read_json_feed(data)
    return read_xml_feed(data, url=url, content_type=content_type)


def _entry(raw: RawEntry, feed_url: str, language: str | None) -> Entry:
    base = _absolute(raw.base, feed_url) or feed_url
    link = _absolute(raw.link, base)
    published, updated = _utc(raw.published), _utc(raw.updated)
    return Entry(
        id=clean_line(raw.id, TITLE_LIMIT) or link or _fingerprint(raw),
        url=link,
        title=plain_title(raw.title, TITLE_LIMIT),
        published=published or updated,
        updated=updated,
        authors=author_names(raw.authors),
        summary=sanitise(raw.summary, link or base),
        content=sanitise(raw.content, link or base),
        language=language_code(raw.language) or language,
    )


def author_names(names: list[str]) -> tuple[str, ...]:
    """Names without mail addresses and doubles, in order."""
    cleaned = (_author_name(clean_line(name, NAME_LIMIT)) for name in names[:AUTHORS_LIMIT])
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _author_name(name: str) -> str:
    match = _MAIL_AND_NAME.match(name)
    return match["name"].strip() if match else name


def _absolute(link: str, base: str) -> str | None:
    """``link`` as an absolute http(s) address, or None."""
    if not link.strip():
        return None
    try:
        parsed = parse_url(urljoin(base, link.strip()))
    except ValueError:
        return None
    return str(parsed) if parsed else None


def _fingerprint(raw: RawEntry) -> str:
    said = "\n".join((raw.title, raw.published, raw.summary, raw.content))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _utc(value: str) -> datetime | None:
    time = parse_time(value)
    return time.astimezone(UTC) if time else None
