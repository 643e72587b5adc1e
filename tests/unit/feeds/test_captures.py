"""WARC files as articles: what is one, what is passed over, and what damage costs."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.archives import read_file
from pipeline.feeds.page import extract_page
from pipeline.feeds.reads import Outcome, PassedOver, settled
from pipeline.records import Article, DeadLetter, Reason, article_id
from tests.fakes.archives import LIMIT, Capture, capture, reading, warc_bytes, write_warc
from tests.fakes.feeds import BODY, MORNING, html_page

URL = "https://courier.example/bridge"
NAMES = pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])


def outcomes(file: Path, **changes: object) -> list[Outcome]:
    return [outcome for outcome, _ in settled(read_file(file, reading(**changes)), 4)]


def read(folder: Path, *captures: Capture, name: str = "crawl.warc.gz") -> list[Outcome]:
    return outcomes(write_warc(folder / name, captures))


def one_article(folder: Path, given: Capture) -> Article:
    (article,) = read(folder, given)
    assert isinstance(article, Article), article
    return article


def urls(found: list[Outcome]) -> list[str | None]:
    return [each.url for each in found if isinstance(each, Article)]


def letters(found: list[Outcome]) -> list[DeadLetter]:
    return [each for each in found if isinstance(each, DeadLetter)]


def test_a_capture_is_the_article_of_its_address_at_its_date(tmp_path: Path) -> None:
    article = one_article(tmp_path, capture(f"{URL}?utm_source=x#top"))
    assert article.canonical_url == URL
    assert article.id == article_id(canonical_url=URL, feed_id=None, guid=None, content="")
    captured = datetime(2026, 2, 1, 8, tzinfo=UTC)
    assert article.fetched_at == article.first_seen_at == captured
    assert article.revision == captured.timestamp() * 1000
    assert (article.source.name, article.source.domain) == ("courier.example",) * 2


def test_it_has_the_id_and_the_text_of_the_page_met_live(tmp_path: Path) -> None:
    body = html_page().replace(b"<head>", b"<head><link rel=canonical href='/bridge-collapse'>")
    live = extract_page(body, url=URL)
    article = one_article(tmp_path, capture(URL, body))
    assert live.canonical_url == article.canonical_url == "https://courier.example/bridge-collapse"
    assert (article.text, article.title) == (live.text, live.title)


def test_read_again_nothing_differs(tmp_path: Path) -> None:
    file = write_warc(tmp_path / "a.warc", [capture()])
    assert outcomes(file) == outcomes(file, now=MORNING + timedelta(days=1))


def test_a_date_still_to_come_does_not_win_against_what_comes_later(tmp_path: Path) -> None:
    article = one_article(tmp_path, capture(date="2099-01-01T00:00:00Z"))
    assert article.fetched_at == MORNING


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    parts = (body[:half], body[half:], b"")
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


CHUNKED = ("Transfer-Encoding", "chunked")
GZIP = ("Content-Encoding", "gzip")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (chunked(html_page()), [CHUNKED]),
        (gzip.compress(html_page()), [GZIP]),
        (zlib.compress(html_page()), [("Content-Encoding", "deflate")]),
        (zlib.compress(html_page())[2:-4], [("Content-Encoding", "deflate")]),
        (chunked(gzip.compress(html_page())), [CHUNKED, GZIP]),
        (html_page(), [CHUNKED, GZIP]),  # undone by the crawler, the headers kept
        (html_page(), [("Content-Encoding", "br")]),
    ],
)
def test_bodies_are_decoded_as_their_headers_say(
    tmp_path: Path, body: bytes, headers: list[tuple[str, str]]
) -> None:
    expected = extract_page(html_page(), url=URL).text
    assert one_article(tmp_path, capture(URL, body, *headers)).text == expected


def test_the_charset_is_that_of_the_stored_header(tmp_path: Path) -> None:
    body = html_page(body=BODY.replace("old", "größe")).decode().encode("latin-1")
    given = Capture(URL, body, headers=(("content-type", "text/html; charset=ISO-8859-1"),))
    assert "größe" in one_article(tmp_path, given).text


def test_a_wrong_charset_costs_no_article(tmp_path: Path) -> None:
    given = Capture(URL, html_page(), headers=(("Content-Type", "text/html; charset=klingon"),))
    assert "bridge" in one_article(tmp_path, given).text


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (capture(kind="revisit"), PassedOver.REVISIT),
        (capture(URL, b"GET / HTTP/1.1\r\n\r\n", kind="request"), PassedOver.NOT_A_RESPONSE),
        (capture(kind="metadata"), PassedOver.NOT_A_RESPONSE),
        (capture("dns:courier.example"), PassedOver.NOT_HTTP),
        (capture(status="301 Moved"), PassedOver.NOT_FOUND),
        (capture(status="404 Not Found"), PassedOver.NOT_FOUND),
        (Capture(URL, b"GIF89a", headers=(("Content-Type", "image/gif"),)), PassedOver.NOT_HTML),
        (Capture(URL, html_page(), headers=()), PassedOver.NOT_HTML),
        (capture("https://courier.example/robots.txt", b"User-agent: *"), None),
        (capture("https://courier.example/"), PassedOver.HOME_PAGE),
        (capture(URL, b"x" * (LIMIT + 1)), PassedOver.TOO_LARGE),
        (capture(URL, gzip.compress(b" " * (LIMIT + 1)), GZIP), PassedOver.TOO_LARGE),
        (capture(URL, b"<html><p>Cookies?"), None),
        (capture(URL, b""), None),
    ],
)
def test_what_is_no_article_is_passed_over_with_its_reason(
    tmp_path: Path, given: Capture, reason: PassedOver | None
) -> None:
    assert read(tmp_path, given, capture(URL))[:1] == [reason or PassedOver.NOT_AN_ARTICLE]


@pytest.mark.parametrize(
    "given",
    [
        capture(URL, b"\0\1broken", GZIP),
        capture(URL, b"\0\1broken", ("Content-Encoding", "zstd")),
        capture(date="yesterday"),
    ],
)
def test_a_candidate_that_is_broken_is_a_dead_letter(tmp_path: Path, given: Capture) -> None:
    (letter, after) = read(tmp_path, given, capture(URL))
    assert isinstance(letter, DeadLetter)
    assert letter.reason is Reason.UNREADABLE_FILE
    assert isinstance(after, Article)


PAGES = [capture(f"https://courier.example/{number}") for number in range(4)]


def _positions(data: bytes, mark: bytes) -> list[int]:
    return [at for at in range(len(data)) if data.startswith(mark, at)]


@pytest.mark.parametrize(
    ("name", "mark"), [("a.warc", b"WARC/1.0"), ("a.warc.gz", b"\x1f\x8b\x08")]
)
def test_damage_costs_the_record_it_hits_and_is_one_dead_letter(
    tmp_path: Path, name: str, mark: bytes
) -> None:
    data = bytearray(warc_bytes(PAGES, gzipped=name.endswith(".gz")))
    second = _positions(bytes(data), mark)[1]
    data[second + 40 : second + 60] = b"\xff" * 20
    if name == "a.warc":  # in a plain file it is the record's own length that must be hit
        at = data.index(b"Content-Length", second)
        data[at : at + 14] = b"Content-Breadth"[:14]
    file = tmp_path / name
    file.write_bytes(data)
    found = outcomes(file)
    assert urls(found) == [PAGES[n].url for n in (0, 2, 3)]
    (letter,) = letters(found)
    assert letter.reason is Reason.UNREADABLE_FILE
    assert f"byte {second}" in letter.detail
    assert letter.payload_bytes().startswith(mark)


@NAMES
def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    data = warc_bytes(PAGES, gzipped=name.endswith(".gz"))
    file = tmp_path / name
    file.write_bytes(data[:-100])
    found = outcomes(file)
    assert urls(found) == [page.url for page in PAGES[:3]]
    assert len(letters(found)) == 1


def test_all_records_in_one_gzip_member_are_read(tmp_path: Path) -> None:
    file = write_warc(tmp_path / "a.warc.gz", PAGES, one_member=True)
    assert urls(outcomes(file)) == [page.url for page in PAGES]


@NAMES
def test_reading_goes_on_after_each_record(tmp_path: Path, name: str) -> None:
    file = write_warc(tmp_path / name, PAGES)
    whole = list(settled(read_file(file, reading()), 4))
    for number, (_, after) in enumerate(whole):
        assert after is not None
        rest = list(settled(read_file(file, reading(), after), 4))
        assert rest == whole[number + 1 :]


def test_reading_is_bounded_ahead_of_what_is_settled(tmp_path: Path) -> None:
    file = write_warc(tmp_path / "a.warc", PAGES * 10)
    begun = Counter[str]()
    extract = reading().extract

    def counting(page: object) -> object:
        begun["pages"] += 1
        return extract(page)  # type: ignore[arg-type]

    found = settled(read_file(file, reading(extract=counting)), 4)
    next(found)
    assert begun["pages"] == 5


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"WARC/1.0\r\n" + b"x" * 100_000_000),
        gzip.compress(b"WARC/1.0\r\nContent-Length: 999999999999\r\n\r\n" + b"\0" * 100_000_000),
        gzip.compress(b"\r\n" * 50_000_000),
    ],
    ids=["header", "block", "blank"],
)
def test_a_bomb_is_one_dead_letter(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(data)
    found = outcomes(file)
    assert len(found) == len(letters(found)) == 1


FRAGMENTS = st.sampled_from(
    [
        b"WARC/1.0\r\n",
        b"WARC-Type: response\r\n",
        b"WARC-Target-URI: https://courier.example/a\r\n",
        b"Content-Length: 12\r\n",
        b"Content-Length: -1\r\n",
        b"\r\n",
        b"\n",
        b" continued\r\n",
        b"HTTP/1.1 200\r\n",
        b"\x1f\x8b\x08",
        warc_bytes([capture()])[:700],
        warc_bytes([capture()]),
        warc_bytes([capture()], gzipped=True),
    ]
)


@given(
    data=st.binary(max_size=200) | st.lists(FRAGMENTS | st.binary(max_size=20)).map(b"".join),
    packed=st.booleans(),
    gzipped=st.booleans(),
)
def test_whatever_the_bytes_are_reading_ends_without_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, packed: bool, gzipped: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / ("any.warc.gz" if gzipped else "any.warc")
    file.write_bytes(gzip.compress(data) if packed else data)
    found = outcomes(file)
    assert len(found) <= len(data) + 1
    for _, after in settled(read_file(file, reading()), 4):
        assert after is not None
        assert after.offset <= file.stat().st_size
