"""Whatever a server sends, a feed is read or there is a reason, and it never takes long."""

import random
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Rejected
from pipeline.feeds.parse import parse_feed
from pipeline.feeds.parsed import ParsedFeed
from pipeline.records import Reason
from tests.fakes.feeds import FEED_URL
from tests.fakes.odd_feeds import BOMB, odd_feeds, whole_feed

COUNT = 2_000
LONGEST_SECONDS = 5.0  # each; measured: 0.3 s
HEADS = (
    b"",
    b"<rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'>",
    b"<urlset>",
    b"{",
    b"\x1f\x8b",
)


def read(data: bytes) -> ParsedFeed | Rejected:
    """What was made of it, once it is sure that it can be handed on."""
    started = time.perf_counter()
    result: ParsedFeed | Rejected
    try:
        result = parse_feed(data, url=FEED_URL)
    except Rejected as rejected:
        result = rejected
    assert time.perf_counter() - started < LONGEST_SECONDS
    if isinstance(result, Rejected):
        assert (result.reason, bool(result.detail)) == (Reason.UNPARSABLE_FEED, True)
    else:
        assert msgspec.json.encode(result)
        assert all(entry.id for entry in result.entries)
    return result


def test_feeds_with_nothing_wrong_are_read() -> None:
    chosen = random.Random(7)
    assert all(isinstance(read(whole_feed(chosen)), ParsedFeed) for _ in range(60))


@pytest.mark.parametrize("seed", range(4))
def test_two_thousand_odd_feeds_are_read_or_rejected(seed: int) -> None:
    for name, data in odd_feeds(COUNT // 4, seed):
        try:
            read(data)
        except Exception as error:
            raise AssertionError(f"seed {seed}, {name}") from error


def test_the_odd_feeds_are_the_same_for_the_same_seed() -> None:
    assert list(odd_feeds(50, seed=3)) == list(odd_feeds(50, seed=3))


def test_no_bomb_goes_off() -> None:
    chosen = random.Random(1)
    assert isinstance(read(BOMB(chosen, whole_feed(chosen))), Rejected)


@settings(max_examples=200)
@given(st.sampled_from(HEADS), st.binary(max_size=400))
def test_any_bytes_are_read_or_rejected(head: bytes, data: bytes) -> None:
    read(head + data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"<!DOCTYPE html><html><body>Gone.</body></html>", "an HTML page, not a feed"),
        (b"\xef\xbb\xbf <html>", "an HTML page, not a feed"),
        (b"<!-- made by hand --><HTML lang=en>", "an HTML page, not a feed"),
        (b"[]", "JSON, but no JSON Feed"),
        (b"{}", "JSON, but without version and items it is no JSON Feed"),
        (b'{"version":', "not valid JSON"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary data, not a feed"),
        (b"<note><to>nobody</to></note>", "XML, but neither RSS nor Atom nor a sitemap"),
        (b"404 page not found", "neither RSS nor Atom"),
    ],
)
def test_the_reason_says_what_it_is_instead(data: bytes, reason: str) -> None:
    rejected = read(data)
    assert isinstance(rejected, Rejected)
    assert rejected.detail == reason


def test_references_to_no_character_do_not_cost_the_feed() -> None:
    item = b"<item><title>A &#xD800;&#99999999999; &unclosed b</title></item>"
    feed = read(b"<rss><channel><title>t</title>" + item + b"<item></channel></rss>")
    assert isinstance(feed, ParsedFeed)
    assert feed.entries[0].title.startswith("A")


def test_a_byte_that_is_no_utf_8_does_not_cost_a_json_feed() -> None:
    feed = read(b'{"version": "1", "items": [{"id": "1", "title": "Caf\xe9"}]}')
    assert isinstance(feed, ParsedFeed)
    assert feed.entries[0].title == "Café"
