"""Feeds of what a search finds, read as a feed reader does."""

from __future__ import annotations

from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import feedparser
from hypothesis import given
from msgspec.structs import replace

from pipeline.alerts.atom import ATOM, feed_of
from pipeline.records import WaitingSearch
from pipeline.search.hits import ArticleHit, StatementHit, article_hit, statement_hit
from tests.fakes.alerts import a_search, a_statements_hit, an_article_hit
from tests.fakes.records import NOW, texts

ADDRESS = "https://news.example/searches/lind.atom?a=1&b=2"


def article(number: int = 1, **changes: object) -> ArticleHit:
    return replace(article_hit(an_article_hit(number)), **changes)


def statements(count: int) -> list[StatementHit]:
    hits = a_statements_hit(count=count)["inner_hits"]["statements"]["hits"]["hits"]
    return [statement_hit(each) for each in hits]


def test_a_feed_reader_reads_all_of_it() -> None:
    hits = [article(1, published=NOW), article(2)]
    feed = feedparser.parse(feed_of(a_search(), hits, ADDRESS))
    assert not feed.bozo, feed
    assert feed.version == "atom10"
    assert (feed.feed.title, feed.feed.links[0].href) == ("What Ada Lind says", ADDRESS)
    assert [entry.title for entry in feed.entries] == ["Bridge 1 to open", "Bridge 2 to open"]
    assert feed.entries[0].link == "https://courier.example/1"
    assert feed.entries[0].published == "2026-03-01T12:00:00Z"


def test_ids_are_stable_and_unique() -> None:
    first, second = (
        [entry.id for entry in feedparser.parse(feed_of(a_search(), hits, ADDRESS)).entries]
        for hits in (statements(3), [*statements(3), *statements(3)])
    )
    assert first == second
    assert len(set(first)) == 3


def test_a_statement_keeps_its_id_when_a_correction_puts_one_before_it() -> None:
    (said,) = statements(1)
    ids = [
        feedparser.parse(feed_of(a_search(), [hit], ADDRESS)).entries[0].id
        for hit in (said, replace(said, id="s7"))
    ]
    assert ids[0] == ids[1]


def test_no_hits_are_a_feed_without_entries() -> None:
    feed = feedparser.parse(feed_of(a_search(), [], ADDRESS))
    assert not feed.bozo
    assert feed.entries == []
    assert feed.feed.updated == "2026-02-28T12:00:00Z"


def test_only_addresses_of_the_web_are_links() -> None:
    written = feed_of(a_search(), [article(url="javascript:alert(1)")], ADDRESS)
    assert b"javascript" not in written


@given(texts, texts)
def test_whatever_is_found_is_well_formed(title: str, snippet: str) -> None:
    written = feed_of(a_search(name="a"), [article(title=title, snippet=snippet)], ADDRESS)
    assert ET.fromstring(written).tag.endswith("feed")


def test_a_search_that_cannot_be_asked_says_so_once_for_each_time_it_begins() -> None:
    def ids(since: datetime) -> list[str]:
        waits = WaitingSearch(
            search_id="lind", partition=0, offset=0, why="too <many>", since=since, refused_at=NOW
        )
        feed = ET.fromstring(feed_of(a_search(), [], "http://here/feed", waits))
        (entry,) = feed.findall(f"{{{ATOM}}}entry")
        assert "too <many>" in (entry.findtext(f"{{{ATOM}}}summary") or "")
        return [entry.findtext(f"{{{ATOM}}}id") or ""]

    assert ids(NOW) == ids(NOW) != ids(NOW + timedelta(days=1))
