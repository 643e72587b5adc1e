"""Texts as articles: .txt, .html and JSON lines, each also gzipped.

What is in a file names itself by its place: the same file read again is a new version of the same
article, and two files are never taken for one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.articles import HEADLINE_LIMIT
from pipeline.feeds.canonical import canonical_url, host_of, parse_url
from pipeline.feeds.dates import parse_time
from pipeline.feeds.files import LINES, SUFFIXES, kind, open_file, place_of
from pipeline.feeds.parse import NAME_LIMIT, TITLE_LIMIT, author_names, language_code
from pipeline.feeds.parsed import Page, RawPage
from pipeline.feeds.reads import Outcome, Place, Read, Reading
from pipeline.feeds.subscriptions import INGEST_ID
from pipeline.feeds.text import clean_line, clean_text, first_sentence, truncate_text
from pipeline.records import (
    Article,
    DeadLetter,
    Reason,
    Source,
    Stage,
    article_id,
    content_sha256,
    dead_letter,
)

_RATIO_LIMIT = 200  # text does not compress better; what does is a bomb
_LONGEST_TITLE_LINE = 150
_NO_TITLE_END = (".", ":", ",", ";", "”", '"')
_END = Place(skip=1)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a .jsonl file; fields it does not name are passed over.

    ``fetched`` is when it was: it orders the versions of an article as a capture's date does.
    """

    text: str
    title: str = ""
    url: str | None = None
    id: str | int | None = None
    published: str | None = None
    source: str | None = None
    authors: tuple[str, ...] | str = ()
    language: str | None = None
    fetched: str | None = None


_decoder = msgspec.json.Decoder(Document)


def read_texts(path: Path, start: Place, reading: Reading) -> Iterator[Read]:
    """One article or dead letter for each text of a file, from ``start`` on.

    Raises OSError, EOFError or zlib.error for a file that cannot be read.
    """
    if kind(path.name) == LINES:
        yield from _read_lines(path, start.skip, reading)
    elif start != _END:
        yield _read_whole_file(path, reading)


def file_letter(
    rejected: Rejected, data: bytes, name: str, path: Path, reading: Reading
) -> DeadLetter:
    """The dead letter of what a file holds at ``name``."""
    return dead_letter(
        stage=Stage.FEEDS,
        reason=rejected.reason,
        detail=f"{path.name}: {rejected.detail}",
        failed_at=reading.now,
        payload=data,
        key=article_id(canonical_url=None, feed_id=INGEST_ID, guid=name, content=""),
    )


def _read_whole_file(path: Path, reading: Reading) -> Read:
    name = place_of(path)
    data = b""
    try:
        data = _read_whole(path, reading.max_bytes)
        if kind(path.name) in SUFFIXES and kind(path.name) != ".txt":
            return _read_page(data, name, path, reading)
        article = _article(_text_of(data, path), name, path, reading)
    except Rejected as rejected:
        letter = file_letter(rejected, data, name, path, reading)
        return Read(lambda: letter, _END)
    return Read(lambda: article, _END)


def _read_page(data: bytes, name: str, path: Path, reading: Reading) -> Read:
    page = reading.extract(RawPage(data=data))

    def outcome() -> Outcome:
        try:
            return _article(_page_document(page.result()), name, path, reading)
        except Rejected as rejected:
            return file_letter(rejected, data, name, path, reading)

    return Read(outcome, _END)


def _text_of(data: bytes, path: Path) -> Document:
    if kind(path.name) != ".txt":
        suffixes = ", ".join(SUFFIXES)
        raise Rejected(Reason.UNREADABLE_FILE, f"its name ends in none of {suffixes}")
    return _text_document(data)


def _read_lines(path: Path, skip: int, reading: Reading) -> Iterator[Read]:
    for number, line in _lines(path, reading.max_bytes):
        if number > skip:
            record = _read_line(number, line, path, reading)
            yield Read(lambda record=record: record, Place(skip=number))  # type: ignore[misc]


def _read_line(number: int, line: bytes, path: Path, reading: Reading) -> Article | DeadLetter:
    name = f"{place_of(path)}#{number}"
    try:
        if len(line) > reading.max_bytes:
            raise Rejected(Reason.TOO_LARGE, f"line {number} is over {reading.max_bytes} bytes")
        document = _decode(line, number)
        if document.id is not None:
            name = f"{place_of(path)}#{document.id}"
        return _article(document, name, path, reading)
    except Rejected as rejected:
        return file_letter(rejected, line, name, path, reading)


def _decode(line: bytes, number: int) -> Document:
    try:
        return _decoder.decode(line)
    except msgspec.ValidationError as error:
        raise Rejected(Reason.SCHEMA, f"line {number}: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(Reason.UNDECODABLE, f"line {number} is not UTF-8 JSON") from error


def _article(document: Document, name: str, path: Path, reading: Reading) -> Article:
    text, truncated = truncate_text(clean_text(document.text), reading.max_chars)
    if not text:
        raise Rejected(Reason.EMPTY_TEXT, "nothing to read")
    url = canonical_url(document.url) if document.url else None
    title = clean_line(document.title, TITLE_LIMIT) or first_sentence(text, HEADLINE_LIMIT)
    fetched_at = _fetched_at(document, reading)
    authors = [document.authors] if isinstance(document.authors, str) else list(document.authors)
    return Article(
        id=article_id(canonical_url=url, feed_id=INGEST_ID, guid=name, content=text),
        revision=int(fetched_at.timestamp() * 1000),
        title=title,
        text=text,
        source=Source(name=_source(document, path), domain=host_of(url)),
        first_seen_at=fetched_at,
        fetched_at=fetched_at,
        content_sha256=content_sha256(title, text),
        url=str(parse_url(document.url)) if url and document.url else None,
        canonical_url=url,
        feed_id=INGEST_ID,
        guid=name,
        authors=author_names(authors),
        published_at=parse_time(document.published),
        language=language_code(document.language),
        truncated=truncated,
        origin="archive",
    )


def _fetched_at(document: Document, reading: Reading) -> datetime:
    """When the text was had: as it says, where that is not to come; else now."""
    said = parse_time(document.fetched)
    return min(said, reading.now) if said else reading.now


def _source(document: Document, path: Path) -> str:
    folder = path.resolve().parent.name
    named = (clean_line(name, NAME_LIMIT) for name in (document.source or "", folder))
    return next(filter(None, named), INGEST_ID)


def _text_document(data: bytes) -> Document:
    """A text file: its first line is the title where it looks like one."""
    text = clean_text(_decode_text(data))
    first, _, rest = text.partition("\n")
    if rest and len(first) <= _LONGEST_TITLE_LINE and not first.endswith(_NO_TITLE_END):
        return Document(title=first, text=rest)
    return Document(text=text)


def _page_document(page: Page) -> Document:
    return Document(
        text=page.text,
        title=page.title,
        url=page.canonical_url,
        published=page.published.isoformat() if page.published else None,
        authors=page.authors,
        language=page.language,
    )


def _decode_text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Rejected(Reason.UNREADABLE_FILE, f"not UTF-8 at byte {error.start}") from error
    if "\0" in text:
        raise Rejected(Reason.UNREADABLE_FILE, "not a text: it holds zero bytes")
    return text


def _read_whole(path: Path, limit: int) -> bytes:
    with open_file(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Rejected(Reason.TOO_LARGE, f"{path.name} is over {limit} bytes")
    return data


def _lines(path: Path, limit: int) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, blank ones left out; of a longer line its first limit + 1 bytes."""
    most = max(limit, path.stat().st_size * _RATIO_LIMIT)
    number = total = 0
    with open_file(path) as file:
        while line := file.readline(limit + 1):
            number += 1
            total += len(line)
            if len(line) > limit and not line.endswith(b"\n"):
                total += _skip_rest(file, limit)
            if total > most:
                raise zlib.error("compressed beyond belief")
            if line.strip():
                yield number, line


def _skip_rest(file: IO[bytes], limit: int) -> int:
    """Go on to the next line; how many bytes that took."""
    skipped = 0
    while rest := file.readline(limit):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped
