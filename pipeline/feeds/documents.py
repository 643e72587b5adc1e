"""Files and folders as articles: text, HTML and JSON lines, each also gzipped.

What is in a file names itself by its place: the same file read again is a new version of the same
article, and two files are never taken for one.
"""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, TypeAlias

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.articles import HEADLINE_LIMIT
from pipeline.feeds.canonical import canonical_url, host_of, parse_url
from pipeline.feeds.dates import parse_time
from pipeline.feeds.parse import NAME_LIMIT, TITLE_LIMIT, author_names, language_code
from pipeline.feeds.parsed import Page
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

SUFFIXES = (".txt", ".html", ".htm", ".jsonl")

_BUFFER = 1_048_576
_RATIO_LIMIT = 200  # text does not compress better; what does is a bomb
_LONGEST_TITLE_LINE = 150
_NO_TITLE_END = (".", ":", ",", ";", "”", '"')
_UNREADABLE = (OSError, EOFError, zlib.error)

Extract: TypeAlias = Callable[[bytes], Page]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a .jsonl file; fields it does not name are passed over."""

    text: str
    title: str = ""
    url: str | None = None
    id: str | int | None = None
    published: str | None = None
    source: str | None = None
    authors: tuple[str, ...] | str = ()
    language: str | None = None


_decoder = msgspec.json.Decoder(Document)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How files are read.

    ``extract`` makes a page of HTML whose address nobody knows. ``max_bytes`` bounds one file, or
    one line of a .jsonl file; ``max_chars`` one text.
    """

    extract: Extract
    now: datetime
    max_bytes: int
    max_chars: int

    @property
    def revision(self) -> int:
        """Milliseconds since the epoch, as every article's."""
        return int(self.now.timestamp() * 1000)


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of ``paths``, folders searched through in order; hidden ones are passed over.

    A file that is named is taken whatever its suffix; in a folder only those with a known one.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith(".") and _kind(name) in SUFFIXES:
                    yield Path(folder) / name


def read_documents(paths: Iterable[Path], reading: Reading) -> Iterator[Article | DeadLetter]:
    """One article for each text, and a dead letter for each that cannot be read."""
    for path in find_files(paths):
        try:
            yield from _read_file(path, reading)
        except _UNREADABLE as error:
            detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
            rejected = Rejected(Reason.UNREADABLE_FILE, detail)
            yield _letter(rejected, b"", _place(path), path, reading)


def _read_file(path: Path, reading: Reading) -> Iterator[Article | DeadLetter]:
    if _kind(path.name) == ".jsonl":
        yield from _read_lines(path, reading)
        return
    name = _place(path)
    data = b""
    try:
        data = _read_whole(path, reading.max_bytes)
        yield _article(_document(data, path, reading), name, path, reading)
    except Rejected as rejected:
        yield _letter(rejected, data, name, path, reading)


def _document(data: bytes, path: Path, reading: Reading) -> Document:
    kind = _kind(path.name)
    if kind == ".txt":
        return _text_document(data)
    if kind in SUFFIXES:
        return _page_document(reading.extract(data))
    raise Rejected(Reason.UNREADABLE_FILE, f"its name ends in none of {', '.join(SUFFIXES)}")


def _read_lines(path: Path, reading: Reading) -> Iterator[Article | DeadLetter]:
    for number, line in _lines(path, reading.max_bytes):
        name = f"{_place(path)}#{number}"
        try:
            if len(line) > reading.max_bytes:
                raise Rejected(Reason.TOO_LARGE, f"line {number} is over {reading.max_bytes} bytes")
            document = _decode(line, number)
            if document.id is not None:
                name = f"{_place(path)}#{document.id}"
            yield _article(document, name, path, reading)
        except Rejected as rejected:
            yield _letter(rejected, line, name, path, reading)


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
    authors = [document.authors] if isinstance(document.authors, str) else list(document.authors)
    return Article(
        id=article_id(canonical_url=url, feed_id=INGEST_ID, guid=name, content=text),
        revision=reading.revision,
        title=title,
        text=text,
        source=Source(name=_source(document, path), domain=host_of(url)),
        first_seen_at=reading.now,
        fetched_at=reading.now,
        content_sha256=content_sha256(title, text),
        url=str(parse_url(document.url)) if url and document.url else None,
        canonical_url=url,
        feed_id=INGEST_ID,
        guid=name,
        authors=author_names(authors),
        published_at=parse_time(document.published),
        language=language_code(document.language),
        truncated=truncated,
    )


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


def _place(path: Path) -> str:
    # A file's name need not be UTF-8; an article's guid must.
    return str(path.resolve()).encode("utf-8", "replace").decode()


def _kind(name: str) -> str:
    return Path(name.lower().removesuffix(".gz")).suffix


def _open(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".gz"):
        # Buffered: reading lines straight from gzip is twenty times slower.
        return io.BufferedReader(gzip.open(path), _BUFFER)
    return path.open("rb")


def _read_whole(path: Path, limit: int) -> bytes:
    with _open(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Rejected(Reason.TOO_LARGE, f"{path.name} is over {limit} bytes")
    return data


def _lines(path: Path, limit: int) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, blank ones left out; of a longer line its first limit + 1 bytes."""
    most = max(limit, path.stat().st_size * _RATIO_LIMIT)
    number = total = 0
    with _open(path) as file:
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


def _letter(rejected: Rejected, data: bytes, name: str, path: Path, reading: Reading) -> DeadLetter:
    return dead_letter(
        stage=Stage.FEEDS,
        reason=rejected.reason,
        detail=f"{path.name}: {rejected.detail}",
        failed_at=reading.now,
        payload=data,
        key=article_id(canonical_url=None, feed_id=INGEST_ID, guid=name, content=""),
    )
