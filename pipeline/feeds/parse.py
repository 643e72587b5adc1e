"""The bytes of a feed become entries: RSS 0.9x to 2.0, RDF, Atom, JSON Feed, sitemaps."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from pipeline.errors import Rejected
from pipeline.feeds.canonical import absolute_url, parse_url
from pipeline.feeds.dates import parse_time
from pipeline.feeds.document import format_of, readable, unpacked, what_else
from pipeline.feeds.json_feed import looks_like_json, read_json_feed
from pipeline.feeds.markup import plain_title, sanitise
from pipeline.feeds.parsed import Entry, ParsedFeed, Sitemap
from pipeline.feeds.raw import RawEntry, RawFeed
from pipeline.feeds.sitemap import read_address_list, read_sitemap, read_sitemap_index
from pipeline.feeds.text import clean_line
from pipeline.feeds.xml_feed import read_xml_feed
from pipeline.records import Reason

ENTRIES_LIMIT = 5_000
TITLE_LIMIT = 500
NAME_LIMIT = 200
AUTHORS_LIMIT = 50

_MAIL_AND_NAME = re.compile(r"^\S+@\S+\s*\((?P<name>[^)]+)\)$")  # RSS: joe@news.example (Joe)
_STARTS_WITH_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LANGUAGE = re.compile(r"^[a-zA-Z]{2,3}(?=[-_]|$)")


def parse_feed(data: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """Read a feed fetched from ``url``; relative links are resolved against it, if it is one.

    Raises Rejected(UNPARSABLE_FEED) for everything that is no feed, whatever a parser makes of it.
    At most ``ENTRIES_LIMIT`` entries are read.
    """
    try:
        return _cleaned(_read(data, url=url, content_type=content_type), str(parse_url(url) or ""))
    except (
        Exception
    ) as error:  # third-party parsers on hostile bytes: all they raise is one verdict
        detail = str(error) if isinstance(error, ValueError) else type(error).__name__
        raise Rejected(Reason.UNPARSABLE_FEED, detail) from error


def _cleaned(raw: RawFeed, base: str) -> ParsedFeed:
    language = language_code(raw.language)
    return ParsedFeed(
        title=plain_title(raw.title, TITLE_LIMIT),
        link=absolute_url(raw.link, base),
        language=language,
        entries=tuple(_entry(entry, base, language) for entry in newest(raw.entries)),
        format=raw.format,
        sitemaps=tuple(_sitemaps(raw, base)),
        ttl_minutes=raw.hints.ttl_minutes,
        update_seconds=raw.hints.update_seconds,
        skip_hours=raw.hints.skip_hours,
        skip_days=raw.hints.skip_days,
        hubs=tuple(hub for link in raw.hints.hubs if (hub := absolute_url(link, base))),
        self_url=absolute_url(raw.hints.self_link, base),
    )


def newest(entries: list[RawEntry], limit: int = ENTRIES_LIMIT) -> list[RawEntry]:
    """At most ``limit`` of the entries, in their order.

    A feed has its newest at the head. A sitemap may hold a site's whole past: of it the latest are
    taken by their times, which are ISO 8601 and sort as they stand.
    """
    if len(entries) <= limit or not all(entry.published or entry.updated for entry in entries):
        return entries[:limit]
    if not all(_STARTS_WITH_DAY.match(entry.published or entry.updated) for entry in entries):
        return entries[:limit]
    by_time = sorted(
        range(len(entries)), key=lambda at: entries[at].published or entries[at].updated
    )
    return [entries[at] for at in sorted(by_time[-limit:])]


def language_code(tag: str | None) -> str | None:
    """The primary subtag of a language tag: ``en`` of ``en-GB``."""
    if not tag:
        return None
    match = _LANGUAGE.match(tag.strip())
    return match.group().lower() if match else None


def _read(data: bytes, *, url: str, content_type: str | None) -> RawFeed:
    data = readable(unpacked(data), content_type)
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data or data.isspace():
        raise ValueError("empty")
    if looks_like_json(data):
        return read_json_feed(data)
    match format_of(data):
        case "sitemap":
            return read_sitemap(data)
        case "sitemap-index":
            return read_sitemap_index(data)
        case "html":
            raise ValueError(what_else(data))
        case "":
            listed = read_address_list(data)
            return listed or read_xml_feed(data, url=url, content_type=content_type)
    return read_xml_feed(data, url=url, content_type=content_type)


def _sitemaps(raw: RawFeed, base: str) -> Iterator[Sitemap]:
    for listed in raw.sitemaps:
        if url := absolute_url(listed.link, base):
            yield Sitemap(url=url, updated=_utc(listed.updated))


def _entry(raw: RawEntry, feed_url: str, language: str | None) -> Entry:
    base = (raw.base and absolute_url(raw.base, feed_url)) or feed_url
    link = absolute_url(raw.link, base)
    published, updated = _utc(raw.published), _utc(raw.updated)
    return Entry(
        id=_own_id(raw, link) or link or _fingerprint(raw),
        url=link,
        title=plain_title(raw.title, TITLE_LIMIT),
        published=published or updated,
        updated=updated,
        authors=author_names(raw.authors),
        summary=sanitise(raw.summary, link or base),
        content=sanitise(raw.content, link or base),
        language=language_code(raw.language) or language,
    )


def _own_id(raw: RawEntry, link: str | None) -> str:
    # Most are the address, which is clean.
    same = raw.id == link and len(raw.id) <= TITLE_LIMIT
    return raw.id if same else clean_line(raw.id, TITLE_LIMIT)


def author_names(names: list[str]) -> tuple[str, ...]:
    """Names without mail addresses and doubles, in order."""
    if not names:
        return ()
    cleaned = [_author_name(name[: NAME_LIMIT * 8]) for name in names[:AUTHORS_LIMIT]]
    return tuple(dict.fromkeys(name for name in cleaned if name))


@lru_cache(maxsize=4_096)  # few people write most of a feed
def _author_name(name: str) -> str:
    name = clean_line(name, NAME_LIMIT)
    match = _MAIL_AND_NAME.match(name)
    return match["name"].strip() if match else name


def _fingerprint(raw: RawEntry) -> str:
    said = "\n".join((raw.title, raw.published, raw.summary, raw.content))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _utc(value: str) -> datetime | None:
    time = parse_time(value) if value else None
    return time.astimezone(UTC) if time else None
