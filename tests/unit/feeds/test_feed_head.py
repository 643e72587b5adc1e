import json

import pytest

from pipeline.feeds.parse import parse_feed
from pipeline.feeds.parsed import ParsedFeed
from tests.fakes.feeds import FEED_URL, atom, atom_entry

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>The Courier</title>{head}
<item><title>A</title><link>https://courier.example/a</link></item>{tail}</channel></rss>"""


def parse(head: str, tail: str = "") -> ParsedFeed:
    return parse_feed(RSS.format(head=head, tail=tail).encode(), url=FEED_URL)


def test_an_rss_feed_says_how_often_it_may_be_asked() -> None:
    feed = parse(
        "<ttl> 60 </ttl><sy:updatePeriod>hourly</sy:updatePeriod>"
        "<sy:updateFrequency>4</sy:updateFrequency>"
        "<skipHours><hour>0</hour><hour>24</hour><hour>13</hour><hour>x</hour></skipHours>"
        "<skipDays><day>Sunday</day><day>monday</day><day>Someday</day></skipDays>"
    )
    assert (feed.ttl_minutes, feed.update_seconds) == (60, 900)
    assert (feed.skip_hours, feed.skip_days) == ((0, 13), (0, 6))


def test_hubs_and_the_feed_itself_are_named_in_rss_and_atom() -> None:
    links = (
        "<atom:link rel='self' href='/feed.xml'/><atom:link rel='hub' href='https://hub.example/'/>"
        "<atom:link rel='hub' href='https://hub.example/'/><atom:link rel='hub' href='file:///x'/>"
    )
    plain = links.replace("atom:", "")
    document = atom(atom_entry(1)).replace(b"<entry>", plain.encode() + b"<entry>", 1)
    for feed in (parse(links), parse_feed(document, url=FEED_URL)):
        assert feed.self_url == FEED_URL
        assert feed.hubs == ("https://hub.example/",)


def test_a_json_feed_names_its_hubs() -> None:
    hubs = [{"type": "WebSub", "url": "https://hub.example/"}, {"type": "rssCloud", "url": "x"}, 7]
    document = {"version": "1.1", "items": [], "hubs": hubs, "feed_url": FEED_URL}
    feed = parse_feed(json.dumps(document).encode(), url=FEED_URL)
    assert (feed.hubs, feed.self_url, feed.format) == (("https://hub.example/",), FEED_URL, "json")


@pytest.mark.parametrize(
    "head",
    [
        "",
        "<ttl></ttl><sy:updatePeriod>fortnightly</sy:updatePeriod>",
        "<ttl>-5</ttl><skipHours/><skipDays/>",
        "<ttl>99999999999999</ttl>",
        "<ttl>0</ttl>",
        "<hour>5</hour>",
        "<ttl><b>1</b></ttl>",
    ],
)
def test_what_cannot_be_understood_is_not_there(head: str) -> None:
    feed = parse(head)
    assert (feed.ttl_minutes, feed.update_seconds, feed.skip_hours) == (None, None, ())
    assert len(feed.entries) == 1


def test_only_the_head_is_read() -> None:
    assert parse("", tail="<ttl>60</ttl>").ttl_minutes is None


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_the_format_is_told(kind: str) -> None:
    document = atom(atom_entry(1)) if kind == "atom" else RSS.format(head="", tail="").encode()
    assert parse_feed(document, url=FEED_URL).format == kind
