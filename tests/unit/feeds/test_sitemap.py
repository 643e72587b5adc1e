import gzip
from datetime import UTC, datetime

import pytest

from pipeline.errors import Rejected
from pipeline.feeds.document import unpacked
from pipeline.feeds.parse import ENTRIES_LIMIT, parse_feed
from pipeline.feeds.parsed import ParsedFeed, Sitemap

URL = "https://courier.example/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://courier.example/a</loc><lastmod>2026-03-01T12:30:00Z</lastmod>
<image:image><image:loc>https://courier.example/a.jpg</image:loc>
<image:title>A photograph</image:title></image:image>
<news:news><news:publication><news:name>The Courier</news:name>
<news:language>en-GB</news:language></news:publication>
<news:publication_date>2026-03-01T12:00:00+01:00</news:publication_date>
<news:title>Bridge &amp; ferry</news:title></news:news></url>
<url><loc> /b </loc></url><url><lastmod>2026-03-01</lastmod></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://courier.example/news.xml.gz</loc><lastmod>2026-03-01</lastmod></sitemap>
<sitemap><loc>/old.xml</loc></sitemap><sitemap><loc>javascript:1</loc></sitemap></sitemapindex>"""


def parse(data: bytes) -> ParsedFeed:
    return parse_feed(data, url=URL)


def refusal(data: bytes) -> str:
    with pytest.raises(Rejected) as raised:
        parse(data)
    return raised.value.detail


def test_a_news_sitemap_is_read_as_a_feed() -> None:
    feed = parse(NEWS)
    assert (feed.format, feed.title, len(feed.entries)) == ("news-sitemap", "The Courier", 2)
    entry = feed.entries[0]
    assert (entry.url, entry.id) == ("https://courier.example/a", "https://courier.example/a")
    assert (entry.title, entry.language) == ("Bridge & ferry", "en")
    assert entry.published == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert entry.updated == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_addresses_of_a_sitemap_are_resolved_and_those_without_one_left_out() -> None:
    assert [entry.url for entry in parse(NEWS).entries][1:] == ["https://courier.example/b"]


def test_a_sitemap_in_no_namespace_is_read_with_its_times_of_change() -> None:
    (entry,) = parse(
        b"<urlset><url><loc>https://courier.example/a</loc><lastmod>2026-03-01</lastmod></url>"
    ).entries
    assert entry.published == entry.updated == datetime(2026, 3, 1, tzinfo=UTC)


def test_an_index_tells_its_sitemaps_and_has_no_entries() -> None:
    feed = parse(INDEX)
    assert (feed.format, feed.entries) == ("sitemap-index", ())
    assert feed.sitemaps == (
        Sitemap(
            url="https://courier.example/news.xml.gz", updated=datetime(2026, 3, 1, tzinfo=UTC)
        ),
        Sitemap(url="https://courier.example/old.xml"),
    )


def test_of_a_sitemap_that_is_too_long_the_newest_are_read() -> None:
    day = "<url><loc>https://courier.example/{0}</loc><lastmod>{0:04}-01-01</lastmod></url>"
    years = range(1, ENTRIES_LIMIT + 11)
    data = "<urlset>" + "".join(day.format(year) for year in years) + "</urlset>"
    assert [entry.url for entry in parse(data.encode()).entries][:2] == [
        "https://courier.example/11",
        "https://courier.example/12",
    ]


def test_a_list_of_addresses_is_a_sitemap() -> None:
    feed = parse(b"https://courier.example/a\r\n\r\nhttps://courier.example/b\n")
    assert feed.format == "text-sitemap"
    assert [entry.url for entry in feed.entries] == [
        "https://courier.example/a",
        "https://courier.example/b",
    ]
    assert refusal(b"https://courier.example/a\nand more") == "neither RSS nor Atom"


@pytest.mark.parametrize("document", [NEWS, INDEX])
def test_a_packed_document_is_read_as_it_is_unpacked(document: bytes) -> None:
    assert parse(gzip.compress(document)) == parse(document)


def test_a_packed_document_that_ends_early_is_read_so_far() -> None:
    assert parse(gzip.compress(NEWS)[:-30]).entries


def test_a_bomb_ends_at_the_limit() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000)
    assert refusal(bomb) == "gzip, but over 52428800 bytes unpacked"
    with pytest.raises(ValueError, match="over 10 bytes"):
        unpacked(bomb, 10)


def test_broken_packing_is_said() -> None:
    assert refusal(b"\x1f\x8b" + b"nonsense" * 9) == "gzip, but broken"


def test_entities_of_a_sitemap_do_not_multiply_and_read_no_files() -> None:
    document = (
        b'<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY f SYSTEM "file:///etc/hostname">]><urlset><url>'
        b"<loc>https://courier.example/&b;&f;</loc></url></urlset>"
    )
    assert all(len(entry.url or "") < 40 for entry in parse(document).entries)


def test_an_element_with_a_name_that_is_none_costs_only_itself() -> None:
    data = (
        b"<urlset><url><a:>x</a:><loc>https://n.example/1</loc></url>"
        b"<url><loc>https://n.example/2</loc></url></urlset>"
    )
    found = parse_feed(data, url="https://n.example/s.xml")
    assert [entry.url for entry in found.entries] == ["https://n.example/1", "https://n.example/2"]
