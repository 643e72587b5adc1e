"""Feeds in all formats, packed or not, and lists of feeds."""

from __future__ import annotations

import gzip
import tomllib
import traceback
from collections.abc import Hashable, Sequence
from functools import cache
from random import Random

import msgspec

from pipeline.errors import ConfigurationError, Rejected
from pipeline.feeds.articles import full_text, to_article
from pipeline.feeds.candidates import CANDIDATES_LIMIT, candidates
from pipeline.feeds.canonical import canonical_url
from pipeline.feeds.decide import decide
from pipeline.feeds.markup import html_to_text
from pipeline.feeds.opml import Imported, read_opml, to_toml, write_opml
from pipeline.feeds.parse import ENTRIES_LIMIT, TITLE_LIMIT, parse_feed
from pipeline.feeds.parsed import Entry, ParsedFeed
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import Reason
from tests.fakes.feeds import FEED_URL, MORNING, a_subscription, html_page
from tests.fakes.odd_feeds import odd_feeds, whole_feed
from tests.fuzz.target import SEPARATOR, Target, joined, parts, seeds, text_of
from tests.fuzz.targets.laws import is_address, is_json, is_line, is_time, survives

_CLEANING = "_cleaned"  # the step of parse_feed after reading
_WHOLE = 24
_ODD = 72
_TOKENS = (
    b"<item>", b"</item>", b"<entry>", b"<title>", b"</title>", b"<link>", b"<guid>", b"<pubDate>",
    b"<updated>", b"<content:encoded>", b"<description>", b"<![CDATA[", b"]]>", b"xml:base='//x'",
    b"<?xml version='1.0' encoding='utf-16'?>", b"encoding='", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>",
    b"&a;", b"&#xD800;", b"&#0;", b"<ttl>", b"<skipHours><hour>", b"<sy:updatePeriod>",
    b"<dc:creator>", b"<url>", b"<loc>", b"<lastmod>", b"<news:title>", b"<sitemap>",
    b"type='xhtml'", b"rel='hub'", b"href='", b"xmlns='", b"xmlns:a='b'", b'"items"',
    b'"content_html"', b'"date_published"', b"\x1f\x8b\x08",
)  # fmt: skip
_OPML_TOKENS = (
    b"<outline ", b"xmlUrl='http://n.example/'", b"text='a'", b"title='", b"</outline>", b"/>",
    b"language='de'", b"<opml>", b"<body>", b"type='rss'", b"&#x7f;", b"&#x85;", b"&#10;", b"'",
)  # fmt: skip


def feed(data: bytes) -> Hashable:
    """Entries that are clean, and lead to articles that can be published."""
    found = _parsed(data)
    _check(found)
    decision = decide(found.entries, None)
    assert len(decision.due) <= len(found.entries)
    for version in decision.due[:5]:
        _published(version.entry)
    return found.format, len(found.entries).bit_length(), bool(found.hubs), bool(found.title)


def packed_feed(data: bytes) -> Hashable:
    """The same with gzip, whole or cut off, with whatever the header says of it."""
    document, said = data.rpartition(SEPARATOR)[::2]
    packed = gzip.compress(document, 1, mtime=0)
    cut = packed[: len(packed) * (said[0] if said else 255) // 255]
    found = _parsed(cut, text_of(said[1:]))
    _check(found)
    return found.format, len(found.entries).bit_length()


def _parsed(data: bytes, content_type: str | None = None) -> ParsedFeed:
    """What is read can be made clean: libraries may stumble, our own steps may not."""
    try:
        return parse_feed(data, url=FEED_URL, content_type=content_type)
    except Rejected as refusal:
        cause = refusal.__cause__
        steps = [frame.name for frame in traceback.extract_tb(cause.__traceback__)] if cause else []
        if cause is not None and _CLEANING in steps:
            raise cause from None
        raise


def _check(found: ParsedFeed) -> None:
    is_json(found)
    is_line(found.title, TITLE_LIMIT)
    for each in (found.link, found.self_url, *found.hubs, *(it.url for it in found.sitemaps)):
        is_address(each)
    assert len(found.entries) <= ENTRIES_LIMIT
    assert found.update_seconds is None or 0 < found.update_seconds < 1e9
    for entry in found.entries:
        _check_entry(entry)


def _check_entry(entry: Entry) -> None:
    assert entry.id, "an entry without id"
    is_line(entry.title, TITLE_LIMIT)
    is_address(entry.url)
    is_time(entry.published)
    is_time(entry.updated)
    for name in entry.authors:
        is_line(name, 200)


def _published(entry: Entry) -> None:
    subscription = a_subscription()
    whole = full_text(subscription, entry, 1)
    try:
        article = to_article(
            subscription, entry, None, text_in_feed=html_to_text(entry.content),
            first_seen_at=MORNING, fetched_at=MORNING, revision=1, limit=5_000,
        )  # fmt: skip
    except Rejected as refusal:
        assert refusal.reason is Reason.EMPTY_TEXT  # noqa: PT017 (others are faults)
        assert not whole
        return
    survives(article)


def opml(data: bytes) -> Hashable:
    """Subscriptions that can be written down, as OPML and as feeds.toml, and read again."""
    imported, skipped = read_opml(data)
    for each in imported:
        _check_toml(each)
    ids = [each.subscription.id for each in imported]
    assert len(set(ids)) == len(ids)
    again, _ = read_opml(write_opml([each.subscription for each in imported]))
    urls = (
        [canonical_url(each.subscription.url) for each in listed] for listed in (again, imported)
    )
    assert next(urls) == next(urls)
    is_json(skipped)
    return len(imported).bit_length(), len(skipped).bit_length()


def _check_toml(imported: Imported) -> None:
    (table,) = tomllib.loads(to_toml(imported))["feeds"]
    assert msgspec.convert(table, Subscription) == imported.subscription


def discovered(data: bytes) -> Hashable:
    """Where the feeds of a site may be."""
    page, robots = parts(data, 2)
    found = candidates("https://courier.example/", page, robots)
    assert len(found) <= CANDIDATES_LIMIT
    for each in found:
        is_address(each.url)
    return tuple(sorted({each.origin for each in found})), len(found)


@cache
def _feeds() -> Sequence[bytes]:
    whole = [whole_feed(Random(number)) for number in range(_WHOLE)]
    return [*whole, *(data[:20_000] for _, data in odd_feeds(_ODD))]


@cache
def _packed_feeds() -> Sequence[bytes]:
    return [each + SEPARATOR + b"\xff" for each in _feeds()[:_WHOLE]]


TARGETS = (
    Target("feed", feed, _feeds, (Rejected,), _TOKENS),
    Target("packed-feed", packed_feed, _packed_feeds, (Rejected,), _TOKENS),
    Target(
        "opml",
        opml,
        seeds(
            "<opml version='2.0'><body><outline text='World'><outline type='rss' "
            "text='The Courier' xmlUrl='https://courier.example/feed' language='en-GB'/></outline>"
            "</body></opml>",
            "<opml><body><outline title='B&amp;&#x9;C' xmlURL='http://b.example:80/?a=1'/><outline/>"
            "</body></opml>",
        ),
        (ConfigurationError,),
        _OPML_TOKENS,
    ),
    Target(
        "discovery",
        discovered,
        seeds(
            joined(
                "<html><head><base href='/n/'><link rel=alternate type='application/rss+xml' "
                "href='rss'></head><a href='/feed.xml'>RSS</a>",
                "Sitemap: https://courier.example/s.xml\nSitemap: /t",
            ),
            joined(html_page(), ""),
        ),
        (),
        (
            b"<link rel='alternate' type='application/atom+xml' href='",
            b"<base href='",
            b"Sitemap: ",
            b"<a href='feed",
            b"rel=feed",
            b"//",
            b"'>",
        ),
        20_000,
    ),
)
