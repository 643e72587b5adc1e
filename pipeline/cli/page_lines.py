"""Feeds and pages from files: one at a time, or a stream of them through several processes."""

from __future__ import annotations

import gzip
import os
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import msgspec

from pipeline.cli.json_lines import line_id, numbered_lines
from pipeline.errors import Rejected
from pipeline.feeds.page import extract_page
from pipeline.feeds.parse import parse_feed
from pipeline.feeds.parsed import Page, ParsedFeed
from pipeline.feeds.parser_pool import ParserPool
from pipeline.records import Reason
from pipeline.settings import FeedSettings

MAX_LINE_BYTES = 1_048_576
_AHEAD = 4  # files read ahead for each process


class Kind(StrEnum):
    """What a file is to be read as."""

    FEED = "feed"
    PAGE = "page"


FEED, PAGE = Kind.FEED, Kind.PAGE


class Line(msgspec.Struct, frozen=True):
    """A line of input; other fields are passed over."""

    id: str | int
    file: str
    url: str | None = None


def read_one(kind: Kind, file: Path, url: str | None, settings: FeedSettings) -> dict[str, Any]:
    """The result for one file. Raises Rejected."""
    data = read_file(file, _limit(kind, settings))
    if kind is FEED:
        return _feed(parse_feed(data, url=url or ""))
    return _page(extract_page(data, url=url, min_chars=settings.min_article_chars))


def read_lines(kind: Kind, lines: IO[bytes], settings: FeedSettings) -> Iterator[dict[str, Any]]:
    """One result for each line, in order, with its id; {"id", "error"} for what cannot be read."""
    processes = os.cpu_count() or 1
    waiting: deque[tuple[str | int, Future[Any] | Rejected]] = deque()
    with ParserPool(
        processes=processes,
        timeout_seconds=settings.page_timeout_seconds,
        min_article_chars=settings.min_article_chars,
    ) as pool:
        for number, line in numbered_lines([lines], MAX_LINE_BYTES):
            waiting.append(_submit(kind, line, number, pool, settings))
            if len(waiting) > processes * _AHEAD:
                yield _result(*waiting.popleft())
        while waiting:
            yield _result(*waiting.popleft())


def read_file(file: Path, limit: int) -> bytes:
    """The bytes of a file, decompressed when its name ends in .gz. Raises Rejected."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            data: bytes = opened.read(limit + 1)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        detail = getattr(error, "strerror", None) or type(error).__name__
        raise Rejected(Reason.UNREADABLE_FILE, f"{file.name}: {detail}") from error
    if len(data) > limit:
        raise Rejected(Reason.TOO_LARGE, f"{file.name}: over {limit} bytes")
    return data


def _submit(
    kind: Kind, data: bytes, number: int, pool: ParserPool, settings: FeedSettings
) -> tuple[str | int, Future[Any] | Rejected]:
    if len(data) > MAX_LINE_BYTES:
        return f"line {number}", Rejected(Reason.TOO_LARGE, f"over {MAX_LINE_BYTES} bytes")
    try:
        line = msgspec.json.decode(data, type=Line)
    except msgspec.ValidationError as error:
        return line_id(data, number), Rejected(Reason.SCHEMA, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"line {number}", Rejected(Reason.UNDECODABLE, "not a line of JSON")
    try:
        body = read_file(Path(line.file), _limit(kind, settings))
    except Rejected as rejected:
        return line.id, rejected
    if kind is FEED:
        return line.id, pool.submit_feed(body, url=line.url or "")
    return line.id, pool.submit_page(body, url=line.url)


def _result(identity: str | int, found: Future[Any] | Rejected) -> dict[str, Any]:
    try:
        if isinstance(found, Rejected):
            raise found
        parsed = found.result()
    except Rejected as rejected:
        error = {"reason": rejected.reason, "detail": rejected.detail}
        return {"id": identity, "error": error}
    return {"id": identity} | (_feed(parsed) if isinstance(parsed, ParsedFeed) else _page(parsed))


def _limit(kind: Kind, settings: FeedSettings) -> int:
    return settings.max_feed_bytes if kind is FEED else settings.max_page_bytes


def _feed(feed: ParsedFeed) -> dict[str, Any]:
    described = msgspec.structs.asdict(feed)
    entries = [msgspec.structs.asdict(entry) for entry in described.pop("entries")]
    return {"feed": described, "entries": entries}


def _page(page: Page) -> dict[str, Any]:
    return msgspec.structs.asdict(page)
