"""Captures of a crawl as articles: which records are candidates, and what an article they make.

A capture is the same article as the one met live: its id is that of the canonical URL, its revision
the time it was fetched, so that an older capture never overwrites a newer one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path

import msgspec
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from pipeline.errors import Rejected
from pipeline.feeds.articles import HEADLINE_LIMIT
from pipeline.feeds.canonical import canonical_url, host_of, is_home, parse_url
from pipeline.feeds.dates import parse_time
from pipeline.feeds.documents import file_letter
from pipeline.feeds.files import is_gzipped
from pipeline.feeds.parsed import Page, RawPage
from pipeline.feeds.reads import Outcome, PassedOver, Place, Read, Reading
from pipeline.feeds.subscriptions import INGEST_ID
from pipeline.feeds.text import first_sentence, truncate_text
from pipeline.feeds.warc import HEADER_LIMIT, Damage, Record, read_records
from pipeline.records import Article, Reason, Source, article_id, content_sha256

_HTML = ("text/html", "application/xhtml+xml")
_NO_ARTICLE = {
    Reason.NOT_AN_ARTICLE: PassedOver.NOT_AN_ARTICLE,
    Reason.EMPTY_TEXT: PassedOver.NOT_AN_ARTICLE,
    Reason.TOO_LARGE: PassedOver.TOO_LARGE,
}

_http = StatusAndHeadersParser(ArcWarcRecordLoader.HTTP_TYPES)


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """A page as a crawler stored it."""

    url: str
    fetched_at: datetime
    page: RawPage


def read_captures(path: Path, start: Place, reading: Reading) -> Iterator[Read]:
    """One outcome for each record of a WARC file from ``start`` on, and one for each damage.

    Raises OSError for a file that cannot be read.
    """
    with path.open("rb") as file:
        for found in read_records(
            file, start, gzipped=is_gzipped(path), max_bytes=reading.max_bytes
        ):
            yield _read(found, path, reading)


def _read(found: Record | Damage, path: Path, reading: Reading) -> Read:
    if isinstance(found, Damage):
        refusal = Rejected(Reason.UNREADABLE_FILE, found.detail)
        return _refused(refusal, found.sample, found.detail, found.after, path, reading)
    try:
        capture = to_capture(found, reading.now)
    except Rejected as refusal:
        name = found.fields.get("warc-record-id", "")
        return _refused(refusal, found.block or b"", name, found.after, path, reading)
    if isinstance(capture, Capture):
        return _extracted(capture, found.after, path, reading)
    passed_over = capture
    return Read(lambda: passed_over, found.after)


def _refused(
    refusal: Rejected, data: bytes, name: str, after: Place, path: Path, reading: Reading
) -> Read:
    letter = file_letter(refusal, data, f"{path.name}#{name}", path, reading)
    return Read(lambda: letter, after)


def _extracted(capture: Capture, after: Place, path: Path, reading: Reading) -> Read:
    page = reading.extract(capture.page)

    def outcome() -> Outcome:
        try:
            return to_article(capture, page.result(), reading.max_chars)
        except Rejected as refusal:
            if refusal.reason in _NO_ARTICLE:
                return _NO_ARTICLE[refusal.reason]
            return file_letter(refusal, capture.page.data, capture.url, path, reading)

    return Read(outcome, after)


def to_capture(record: Record, now: datetime) -> Capture | PassedOver:
    """The capture a record holds, or why it is none.

    A date that is still to come is taken as ``now``: it would else win against every later version.
    Raises Rejected(UNREADABLE_FILE) for a response without HTTP headers or date.
    """
    kind = record.fields.get("warc-type", "").lower()
    if kind != "response":
        return PassedOver.REVISIT if kind == "revisit" else PassedOver.NOT_A_RESPONSE
    # Wget 1.19 wrote them in angle brackets.
    url = canonical_address(record.fields.get("warc-target-uri", "").strip("<>"))
    if url is None:
        return PassedOver.NOT_HTTP
    if record.block is None:
        return PassedOver.TOO_LARGE
    return _response(record.block, url, parse_time(record.fields.get("warc-date")), now)


def canonical_address(url: str) -> str | None:
    """``url``, checked and percent-encoded as the fetcher's are, or None."""
    parsed = parse_url(url) if canonical_url(url) else None
    return str(parsed) if parsed else None


def _response(block: bytes, url: str, date: datetime | None, now: datetime) -> Capture | PassedOver:
    response, body = _parse_http(block)
    if response.get_statuscode() != "200":
        return PassedOver.NOT_FOUND
    content_type = response.get_header("content-type") or ""
    if content_type.partition(";")[0].strip().lower() not in _HTML:
        return PassedOver.NOT_HTML
    if is_home(url):
        return PassedOver.HOME_PAGE
    if date is None:
        raise Rejected(Reason.UNREADABLE_FILE, "a response without a WARC-Date")
    page = RawPage(
        data=body,
        url=url,
        content_type=content_type,
        coding=(response.get_header("content-encoding") or "").strip().lower(),
        chunked="chunked" in (response.get_header("transfer-encoding") or "").lower(),
    )
    return Capture(url=url, fetched_at=min(date, now), page=page)


def _parse_http(block: bytes) -> tuple[StatusAndHeaders, bytes]:
    stream = BytesIO(block[:HEADER_LIMIT])
    try:
        response = _http.parse(stream)
    except Exception as error:  # a third party's parser on hostile bytes: one verdict
        raise Rejected(Reason.UNREADABLE_FILE, "a response without HTTP headers") from error
    return response, block[stream.tell() :]


def to_article(capture: Capture, page: Page, max_chars: int) -> Article:
    """The article of a capture. The text is cut to ``max_chars``."""
    text, truncated = truncate_text(page.text, max_chars)
    title = page.title or first_sentence(text, HEADLINE_LIMIT)
    host = host_of(page.canonical_url) or host_of(capture.url)
    return Article(
        id=article_id(
            canonical_url=page.canonical_url, feed_id=INGEST_ID, guid=capture.url, content=text
        ),
        revision=int(capture.fetched_at.timestamp() * 1000),
        title=title,
        text=text,
        source=Source(name=host or INGEST_ID, domain=host),
        first_seen_at=capture.fetched_at,
        fetched_at=capture.fetched_at,
        content_sha256=content_sha256(title, text),
        url=page.url,
        canonical_url=page.canonical_url,
        feed_id=INGEST_ID,
        guid=capture.url,
        authors=page.authors,
        published_at=page.published,
        language=page.language,
        truncated=truncated,
        origin="archive",
    )
