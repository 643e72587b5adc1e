import json
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Rejected
from pipeline.feeds.json_ld import find_article, people_of, read_objects, text_of
from pipeline.feeds.page import extract_page
from pipeline.feeds.parsed import Page
from pipeline.records import Reason
from tests.fakes.feeds import BODY, PARAGRAPH, html_page

URL = "https://courier.example/news/1"


def page(head: str = "", body: str = BODY, heading: str = "<h1>Bridge to close</h1>") -> Page:
    html = f"<html lang='en-GB'><head>{head}</head><body><article>{heading}{body}</article></body>"
    return extract_page(html.encode(), url=URL)


def ld(**fields: object) -> str:
    document = json.dumps({"@type": "NewsArticle"} | fields)
    return f'<script type="application/ld+json">{document}</script>'


def test_paragraphs_are_separated_by_one_line_break() -> None:
    text = page().text
    assert text.count("\n") >= 3
    assert "\n\n" not in text
    assert PARAGRAPH.strip() in text.split("\n")[0] + text.split("\n")[1]


def test_navigation_scripts_and_footers_are_no_text() -> None:
    noise = "<nav><a href=/>Home</a></nav><script>track()</script><footer>Imprint</footer>"
    text = extract_page(
        html_page(body=BODY).replace(b"<body>", f"<body>{noise}".encode()), url=URL
    ).text
    for word in ("Home", "track", "Imprint"):
        assert word not in text


def test_what_json_ld_says_comes_first() -> None:
    read = page(
        ld(
            headline="The &quot;old&quot; bridge",
            datePublished="2026-03-01T12:00:00+01:00",
            author=[{"@type": "Person", "name": "Ada Lind"}, {"name": "Bo Ek"}],
        )
        + "<meta property='og:title' content='Other'><meta name=author content='Nobody'>"
    )
    assert read.title == 'The "old" bridge'
    assert read.authors == ("Ada Lind", "Bo Ek")
    assert read.published == datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    assert read.language == "en"


@pytest.mark.parametrize(
    ("name", "authors"),
    [
        ("Ada Lind og Bo von Ek", ("Ada Lind", "Bo von Ek")),
        ("Ada Lind, Bo Ek and Cy Om", ("Ada Lind", "Bo Ek", "Cy Om")),
        ("Ernst & Young", ("Ernst & Young",)),
        ("Ada Lind, professor of bridges at a university", ("Ada Lind",)),
        ("The Courier, Springfield", ("The Courier",)),
        ("Lind, Ada", ("Lind, Ada",)),
    ],
)
def test_several_names_written_as_one_are_several(name: str, authors: tuple[str, ...]) -> None:
    assert page(ld(author={"name": name})).authors == authors


def test_lists_of_authors_within_a_list_are_read() -> None:
    people = [{"@type": "Person", "name": "Ada Lind"}, [{"@type": "Person", "name": "Bo Ek"}]]
    assert page(ld(author=people)).authors == ("Ada Lind", "Bo Ek")


def test_meta_tags_stand_in_for_json_ld() -> None:
    read = page(
        "<script type='application/ld+json'>{broken,}</script>"
        "<meta property='og:title' content='The old bridge - The Courier'>"
        "<meta property='og:site_name' content='The Courier'>"
        "<meta name='author' content='By Ada Lind and Bo Ek'>"
        "<meta property='article:published_time' content='2026-03-01'>",
        heading="",
    )
    assert read.title == "The old bridge"
    assert read.authors == ("Ada Lind", "Bo Ek")
    assert read.published == datetime(2026, 3, 1, tzinfo=UTC)


def test_microdata_and_headings_stand_in_for_meta_tags() -> None:
    body = (
        "<span itemprop=author><b itemprop=name>Ada Lind</b></span>"
        "<time itemprop=datePublished datetime='2026-03-01T12:00:00Z'>1 March</time>" + BODY
    )
    read = page(body=body)
    assert (read.title, read.authors) == ("Bridge to close", ("Ada Lind",))
    assert read.published == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_page_may_name_its_address_within_its_own_site_only() -> None:
    own = "<link rel=canonical href='/bridge?utm_source=x'>"
    foreign = "<link rel=canonical href='https://other.example/bridge'>"
    assert page(own).canonical_url == "https://courier.example/bridge"
    assert page(foreign).canonical_url == URL


def test_a_saved_page_is_taken_at_its_word() -> None:
    data = html_page().replace(b"<head>", b"<head><link rel=canonical href='https://a.example/b'>")
    read = extract_page(data, url=None)
    assert (read.url, read.canonical_url) == (None, "https://a.example/b")
    assert extract_page(html_page(), url=None).canonical_url is None


@pytest.mark.parametrize(
    ("encoding", "content_type", "meta"),
    [
        ("utf-8", None, ""),
        ("windows-1252", "text/html; charset=windows-1252", ""),
        ("windows-1252", None, "<meta charset=windows-1252>"),
        ("windows-1252", None, ""),
        ("utf-16", None, ""),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8", None, "<meta charset=windows-1252>"),
    ],
)
def test_encodings_are_read_as_browsers_do(
    encoding: str, content_type: str | None, meta: str
) -> None:
    html = html_page("Café “Müller”").decode().replace("<head>", f"<head>{meta}")
    read = extract_page(html.encode(encoding), url=URL, content_type=content_type)
    assert read.title == "Café “Müller”"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><body><p>Accept our cookies to go on.</p></body></html>", Reason.NOT_AN_ARTICLE),
        (b"<html><body></body></html>", Reason.EMPTY_TEXT),
        (b"", Reason.NOT_AN_ARTICLE),
        (b"\x00" * 5_000, Reason.NOT_AN_ARTICLE),
        (b"%PDF-1.7 \xff\xfe", Reason.NOT_AN_ARTICLE),
        (b'{"json": true}', Reason.NOT_AN_ARTICLE),
    ],
)
def test_what_is_no_article_is_rejected(data: bytes, reason: Reason) -> None:
    with pytest.raises(Rejected) as raised:
        extract_page(data, url=URL)
    assert raised.value.reason in {reason, Reason.EMPTY_TEXT}


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 1_000))
def test_a_damaged_page_is_read_or_rejected(junk: bytes, place: int) -> None:
    data = html_page()
    try:
        read = extract_page(data[:place] + junk + data[place:], url=URL)
    except Rejected:
        return
    read.text.encode()
    assert len(read.text) >= 250


def test_the_article_is_found_anywhere_in_a_graph() -> None:
    blocks = [
        '{"@graph": [{"@type": "WebPage"}, {"@type": ["Thing", "NewsArticle"], "headline": "A"}]}',
        '[{"@type": "NewsArticle"}]',
    ]
    assert text_of(find_article(read_objects(blocks)), "headline") == "A"


@pytest.mark.parametrize(
    "block", ["", "null", "[", '{"@type": 5}', "[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000]
)
def test_json_that_holds_no_article_is_passed_over(block: str) -> None:
    started = time.perf_counter()
    assert find_article(read_objects([block])) == {}
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ada Lind", ["Ada Lind"]),
        (["Ada Lind", {"name": ["Bo Ek", 5]}, None, 7], ["Ada Lind", "Bo Ek"]),
        ([{"@type": "Organization", "name": "AP"}, {"name": "Ada Lind"}], ["Ada Lind"]),
        ({"@type": "Organization", "name": "AP"}, ["AP"]),
        (None, []),
    ],
)
def test_people_are_named_before_organisations(author: object, names: list[str]) -> None:
    assert people_of({"author": author}, "author") == names


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=2_000))
def test_arbitrary_bytes_end_with_a_verdict(data: bytes) -> None:
    with pytest.raises(Rejected):
        extract_page(data, url=URL)


@pytest.mark.parametrize("bomb", ["<div>" * 200_000, "<table><tr><td>" * 50_000, "\0" * 100_000])
def test_a_bomb_behind_an_article_ends_with_a_verdict(bomb: str) -> None:
    assert PARAGRAPH.strip()[:40] in page(body=BODY + bomb).text


def test_scripts_styles_and_event_attributes_reach_no_record() -> None:
    evil = "<p onclick='steal()'>" + PARAGRAPH + "<script>steal()</script><style>steal</style></p>"
    assert "steal" not in str(page(body=BODY + evil))
