"""What the parsers hand over: a feed with its entries, a page. All of it is clean and bounded."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a feed.

    ``id`` is the feed's word for it, else its address, else a hash of what it says: never empty.
    ``url`` is absolute http(s) or None. ``title`` is plain text. ``summary`` and ``content`` are
    sanitised HTML with absolute links; ``content`` is what the feed marks as the full text
    (``content:encoded``, ``atom:content``, ``content_html``), ``summary`` everything shorter.
    ``published`` is the time of the last update where the feed knows no other. Times are in UTC.
    """

    id: str
    url: str | None = None
    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    content: str = ""
    language: str | None = None


class Sitemap(msgspec.Struct, frozen=True, kw_only=True):
    """A sitemap that a sitemap index lists: its absolute address, and when it changed last."""

    url: str
    updated: datetime | None = None


class ParsedFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed, its entries in the order of the document. ``link`` is the site it speaks for.

    ``format`` is rss, atom, rdf, json, sitemap, news-sitemap, sitemap-index or text-sitemap. A
    sitemap index has ``sitemaps`` and no entries.

    What the feed says about its polling, where it does: ``ttl_minutes`` (RSS: how long it may be
    kept), ``update_seconds`` (the syndication module: how long from one update to the next),
    ``skip_hours`` (0 to 23, in UTC) and ``skip_days`` (0 is Monday) in which it does not change.
    ``hubs`` are WebSub hubs that tell of news at ``self_url``, the feed's address in its own words.
    """

    title: str = ""
    link: str | None = None
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    format: str = ""
    sitemaps: tuple[Sitemap, ...] = ()
    ttl_minutes: int | None = None
    update_seconds: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    hubs: tuple[str, ...] = ()
    self_url: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An article's page.

    ``canonical_url`` is the address under which the article is known (see ``accepted_canonical``);
    ``url`` is None for a saved page, and both are for one that does not say where it is from.
    ``text`` is the main text, its paragraphs separated by a single line break. ``published`` keeps
    the offset the page gives; a time without one is taken as UTC. ``feeds`` are the canonical
    addresses of the feeds that it names as its own.
    """

    url: str | None
    canonical_url: str | None
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    feeds: tuple[str, ...] = ()


class RawPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it was stored: the body of an HTTP response with what its headers say of it.

    ``coding`` is the Content-Encoding, in lower case, ``chunked`` the Transfer-Encoding.
    """

    data: bytes
    url: str | None = None
    content_type: str | None = None
    coding: str = ""
    chunked: bool = False
