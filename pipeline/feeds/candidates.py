"""Where the feeds of a site may be, and which of those found are worth most: pure decisions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import IntEnum
from urllib.parse import urljoin

import msgspec
from lxml import etree

from pipeline.feeds.canonical import absolute_url, canonical_url
from pipeline.feeds.ownership import same_site
from pipeline.feeds.page_metadata import FEED_TYPES, names_feed
from pipeline.feeds.parsed import ParsedFeed

CANDIDATES_LIMIT = 40
_LINKS_LIMIT = 5_000  # of one page that are looked at
_PER_ORIGIN_LIMIT = 15
_LOOKS_LIKE_FEED = re.compile(
    r"(?:^|[/._-])(?:rss|atom|feeds?|rdf)(?:$|[/._?-])|\.(?:rss|rdf|atom)$", re.IGNORECASE
)
_LESS_WANTED = re.compile(r"comment", re.IGNORECASE)
WELL_KNOWN = (
    "feed", "rss", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json",
    "feeds/posts/default", "feed/", "rss/", "index.rdf", "feed.rss", "news-sitemap.xml",
    "sitemap-news.xml", "sitemap.xml",
)  # fmt: skip
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Origin(IntEnum):
    """What led to a feed; the first are the surest."""

    ITSELF = 0
    LINK = 1
    ANCHOR = 2
    ROBOTS = 3
    WELL_KNOWN = 4


class Candidate(msgspec.Struct, frozen=True):
    """An address that may be a feed's."""

    url: str
    origin: Origin


class FoundFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed that was fetched and read. ``newest`` is the time of its newest entry."""

    url: str
    title: str
    format: str
    entries: int
    newest: datetime | None
    language: str | None
    origin: Origin


def candidates(url: str, page: bytes | None, robots: bytes | None) -> list[Candidate]:
    """Distinct addresses to try for the site of ``url``, the most promising first."""
    page_links = list(_page_links(url, page)) if page else []
    of_site = [Candidate(address, Origin.ROBOTS) for address in _sitemaps(url, robots or b"")]
    guesses = [Candidate(urljoin(url, f"/{path}"), Origin.WELL_KNOWN) for path in WELL_KNOWN]
    listed = sorted([*page_links, *of_site, *guesses], key=lambda each: each.origin)
    distinct: dict[str, Candidate] = {}
    for each in listed:
        key = canonical_url(each.url)
        of_origin = sum(other.origin is each.origin for other in distinct.values())
        if key and of_origin < _PER_ORIGIN_LIMIT:
            distinct.setdefault(key, each)
    return list(distinct.values())[:CANDIDATES_LIMIT]


def found_feed(candidate: Candidate, url: str, feed: ParsedFeed) -> FoundFeed:
    """What a person needs to choose, of a feed that was found at ``url`` in the end."""
    newest = max((entry.published for entry in feed.entries if entry.published), default=None)
    if newest is None:
        newest = max((each.updated for each in feed.sitemaps if each.updated), default=None)
    return FoundFeed(
        url=url,
        title=feed.title,
        format=feed.format,
        entries=len(feed.entries) or len(feed.sitemaps),
        newest=newest,
        language=feed.language or next((e.language for e in feed.entries if e.language), None),
        origin=candidate.origin,
    )


def in_order(found: Iterable[FoundFeed]) -> list[FoundFeed]:
    """Distinct feeds that have entries, by use: news before comments, feeds before sitemaps, then
    by what led to them and by their newest entry."""
    distinct: dict[tuple[object, ...], FoundFeed] = {}
    for each in sorted(found, key=_use):
        same = (each.title, each.format, each.entries, each.newest)
        if each.entries and not any(
            canonical_url(other.url) == canonical_url(each.url) for other in distinct.values()
        ):
            distinct.setdefault(same if each.newest else (each.url,), each)
    return list(distinct.values())


def _use(feed: FoundFeed) -> tuple[bool, int, int, float, str]:
    unwanted = bool(_LESS_WANTED.search(feed.url) or _LESS_WANTED.search(feed.title))
    kinds = ("news-sitemap", "sitemap-index", "sitemap", "text-sitemap")
    kind = kinds.index(feed.format) + 1 if feed.format in kinds else 0
    age = -(feed.newest or _LONG_AGO).timestamp() if feed.newest else 0.0
    return unwanted, kind, feed.origin, age, feed.url


def _page_links(url: str, page: bytes) -> Iterator[Candidate]:
    try:
        root = etree.fromstring(page, etree.HTMLParser(no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is None:
        return
    base = next((each.get("href") for each in root.iter("base") if each.get("href")), "")
    for number, element in enumerate(root.iter("link", "a")):
        if number >= _LINKS_LIMIT:
            return
        origin = _link_origin(element)
        address = absolute_url(element.get("href") or "", _based(url, base))
        if origin is not None and address and _belongs(address, url, origin):
            yield Candidate(address, origin)


def _belongs(address: str, url: str, origin: Origin) -> bool:
    """A link tag may name a feed anywhere; an anchor that does speaks mostly of another site."""
    return origin is Origin.LINK or same_site(address, url)


def _link_origin(element: etree._Element) -> Origin | None:
    relations = (element.get("rel") or "").lower().split()
    kind = (element.get("type") or "").lower()
    if element.tag == "link":
        return Origin.LINK if names_feed(element) or "feed" in relations else None
    looks = "feed" in relations or FEED_TYPES.match(kind)
    return Origin.ANCHOR if looks or _LOOKS_LIKE_FEED.search(element.get("href") or "") else None


def _sitemaps(url: str, robots: bytes) -> list[str]:
    """The Sitemap lines of robots.txt, those for news first."""
    lines = robots.decode("utf-8", "replace").splitlines()[:_LINKS_LIMIT]
    named = (line.partition(":") for line in lines)
    values = [value for name, _, value in named if name.strip().lower() == "sitemap"]
    addresses = [address for value in values if (address := absolute_url(value, url))]
    return sorted(addresses, key=lambda address: "news" not in address.lower())


def _based(url: str, link: str) -> str:
    """``link`` relative to ``url``; ``url`` where that is no address."""
    return absolute_url(link, url) or url
