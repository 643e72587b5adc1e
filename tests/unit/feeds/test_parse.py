import json
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Rejected
from pipeline.feeds.parse import ENTRIES_LIMIT, parse_feed
from pipeline.feeds.parsed import ParsedFeed
from pipeline.records import Reason
from tests.fakes.feeds import FEED_URL, atom, atom_entry

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Courier</title><link>https://courier.example/</link>{items}</channel></rss>"""


def rss(items: str, encoding: str = "utf-8") -> bytes:
    return RSS.format(items=items, encoding=encoding).encode(encoding)


def parse(data: bytes) -> ParsedFeed:
    return parse_feed(data, url=FEED_URL)


def rejection(data: bytes) -> Rejected:
    with pytest.raises(Rejected) as raised:
        parse(data)
    assert raised.value.reason is Reason.UNPARSABLE_FEED
    return raised.value


def test_an_rss_item_is_read() -> None:
    feed = parse(
        rss(
            """<item><title>Fish &amp;amp; chips</title><link>/a?x=1</link>
            <guid isPermaLink="false">g-1</guid><author>ada@courier.example (Ada Lind)</author>
            <pubDate>Sun, 01 Mar 2026 12:00:00 +0100</pubDate>
            <description>&lt;p&gt;Short.&lt;/p&gt;</description>
            <content:encoded><![CDATA[<p onclick="x">Long <a href="b">b</a></p>]]></content:encoded>
            </item>"""
        )
    )
    assert (feed.title, feed.link) == ("The Courier", "https://courier.example/")
    (entry,) = feed.entries
    assert entry.id == "g-1"
    assert entry.url == "https://courier.example/a?x=1"
    assert entry.title == "Fish & chips"
    assert entry.published == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert entry.authors == ("Ada Lind",)
    assert entry.summary == "<p>Short.</p>"
    assert entry.content == '<p>Long <a href="https://courier.example/b">b</a></p>'


def test_a_description_is_a_summary_and_no_content() -> None:
    (entry,) = parse(rss("<item><description>Just this.</description></item>")).entries
    assert (entry.summary, entry.content) == ("Just this.", "")


def test_content_alone_is_no_summary() -> None:
    long = "All of it. " * 100
    item = f"<item><title>t</title><content:encoded>{long}</content:encoded></item>"
    (entry,) = parse(rss(item)).entries
    assert (entry.summary, entry.content) == ("", long.strip())


def test_an_item_without_id_and_link_has_a_stable_id() -> None:
    item = rss("<item><description>Just this.</description></item>")
    assert parse(item).entries[0].id == parse(item).entries[0].id != ""


def test_an_atom_summary_alone_is_no_full_text() -> None:
    entry = atom_entry(1).replace("<content type='html'></content>", "<summary>Short</summary>")
    (read,) = parse(atom(entry)).entries
    assert (read.summary, read.content) == ("Short", "")


def test_atom_links_are_relative_to_the_feed_or_to_their_base() -> None:
    (plain,) = parse(atom(atom_entry(1))).entries
    assert plain.url == "https://courier.example/news/1"
    moved = atom_entry(1).replace("<entry>", "<entry xml:base='https://other.example/x/'>")
    (based,) = parse(atom(moved.replace("/news/1", "1.html"))).entries
    assert based.url == "https://other.example/x/1.html"


def test_xhtml_content_is_read_with_its_markup() -> None:
    content = (
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One &amp; two</p>'
        "</div></content>"
    )
    entry = atom_entry(1).replace("<content type='html'></content>", content)
    assert "<p>One &amp; two</p>" in parse(atom(entry)).entries[0].content


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_encodings_are_read(encoding: str) -> None:
    (entry,) = parse(rss("<item><title>Café à la Müller</title></item>", encoding)).entries
    assert entry.title == "Café à la Müller"


def test_a_declaration_that_cannot_be_right_is_not_believed() -> None:
    item = "<item><title>Café à la Müller</title></item>"
    utf_8 = RSS.format(items=item, encoding="iso-8859-1").encode()
    (entry,) = parse(utf_8).entries
    assert entry.title == "Café à la Müller"


def test_the_header_tells_the_encoding_where_the_feed_does_not() -> None:
    item = "<item><title>Мост закроют</title></item>"
    data = RSS.format(items=item, encoding="utf-8").encode("koi8-r")
    feed = parse_feed(data, url=FEED_URL, content_type="text/xml; charset=koi8-r")
    assert feed.entries[0].title == "Мост закроют"


def test_an_rdf_feed_is_read() -> None:
    data = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="https://courier.example/"><title>The Courier</title></channel>
        <item rdf:about="https://courier.example/a"><title>A</title>
        <link>https://courier.example/a</link><dc:date>2026-03-01T12:00:00Z</dc:date></item>
        </rdf:RDF>"""
    (entry,) = parse(data).entries
    assert (entry.url, entry.published) == (
        "https://courier.example/a",
        datetime(2026, 3, 1, 12, tzinfo=UTC),
    )


def json_feed(*items: object) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Courier",
        "authors": [{"name": "The Desk"}],
        "items": items,
    }
    return json.dumps(document).encode()


def test_a_json_feed_is_read() -> None:
    (entry,) = parse(
        json_feed(
            {
                "id": 7,
                "url": "/a",
                "title": "A &amp; b",
                "content_text": "One < two",
                "date_published": "2026-03-01T12:00:00+01:00",
                "authors": [{"name": "Ada Lind"}, {"url": "x"}, 5],
            }
        )
    ).entries
    assert (entry.id, entry.url, entry.title) == ("7", "https://courier.example/a", "A & b")
    assert entry.content == "One &lt; two"
    assert entry.authors == ("Ada Lind",)
    assert entry.published == datetime(2026, 3, 1, 11, tzinfo=UTC)


def test_odd_items_of_a_json_feed_cost_only_themselves() -> None:
    feed = parse(json_feed({"id": "1"}, "no item", None, {"id": ["x"], "title": {"a": 1}}, 7))
    assert len(feed.entries) == 2
    assert feed.entries[0].authors == ("The Desk",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"hello",
        b"<html><body><p>maintenance</p></body></html>",
        b"<!doctype html><title>x</title>",
        b"{}",
        b"[1]",
        b'{"version": 1, "items"',
        b'{"a":' * 100_000,
        b"\x00" * 1000,
        b"\x89PNG\r\n\x1a\n",
        b"<note><to>nobody</to></note>",
    ],
)
def test_what_is_no_feed_is_rejected(data: bytes) -> None:
    rejection(data)


BOMB = (
    '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize("prefix", ["", "junk ", '<?xml version="1.0"?>\n<!-- x -->'])
def test_entities_do_not_multiply(prefix: str) -> None:
    item = "<rss><channel><title>t</title><item><title>&i;!</title></item></channel></rss>"
    started = time.perf_counter()
    try:
        titles = [entry.title for entry in parse((prefix + BOMB + item).encode()).entries]
    except Rejected:
        titles = []
    assert all(len(title) < 100 for title in titles)
    assert time.perf_counter() - started < 5


def test_files_of_this_machine_are_not_read() -> None:
    document = """<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>
        <rss><channel><title>t</title><item><title>[&x;]</title></item></channel></rss>"""
    try:
        titles = [entry.title for entry in parse(document.encode()).entries]
    except Rejected:
        titles = []
    assert all(title in {"", "[", "[]", "[&x;]"} for title in titles)


@pytest.mark.parametrize(
    "data",
    [
        b"<rss><channel>" + b"<item>" * 100_000,
        b"<rss><channel><item><title>" + b"<b>" * 100_000,
        b"<!--" * 50_000 + b"<rss>",
        b"<?a " * 50_000,
        b"<!DOCTYPE " + b"[]" * 50_000 + b"<rss>",
    ],
)
def test_deep_and_endless_documents_end_in_time(data: bytes) -> None:
    started = time.perf_counter()
    with suppress(Rejected):
        parse(data)
    assert time.perf_counter() - started < 10


def test_a_feed_without_end_is_read_to_the_limit() -> None:
    items = "".join(f"<item><title>{n}</title></item>" for n in range(ENTRIES_LIMIT + 10))
    assert len(parse(rss(items)).entries) == ENTRIES_LIMIT


@settings(max_examples=50)
@given(st.binary(max_size=300), st.integers(0, 900), st.sampled_from([b"", b"<", b"&#0;", b"\xff"]))
def test_a_damaged_feed_is_read_or_rejected(junk: bytes, place: int, mark: bytes) -> None:
    whole = rss("<item><title>A</title><link>/a</link><description>D</description></item>")
    with suppress(Rejected):  # and nothing else
        parse(whole[:place] + mark + junk + whole[place:])
