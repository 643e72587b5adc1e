"""Archives made as crawlers make them, and how tests read them."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from concurrent.futures import Future
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.errors import Rejected
from pipeline.feeds.parsed import Page, RawPage
from pipeline.feeds.raw_page import extract_raw_page
from pipeline.feeds.reads import Reading
from tests.fakes.feeds import MORNING, html_page

LIMIT = 20_000
CAPTURED = "2026-02-01T08:00:00Z"


class Capture(NamedTuple):
    """What is written as one record."""

    url: str
    body: bytes
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    date: str = CAPTURED
    kind: str = "response"


def capture(
    url: str = "https://courier.example/bridge",
    body: bytes | None = None,
    *extra: tuple[str, str],
    **changes: str,
) -> Capture:
    """A page of its own for each address; ``extra`` are more HTTP headers."""
    made = Capture(url, html_page(f"Bridge {url}") if body is None else body)
    return made._replace(headers=(*made.headers, *extra), **changes)


def warc_bytes(captures: Sequence[Capture], *, gzipped: bool = False) -> bytes:
    """The records, each a gzip member of its own where it is ``gzipped``."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=gzipped)
    for each in captures:
        record = _record(writer, each)
        writer.write_record(record)
        record.raw_stream.close()  # a temporary file of the writer's own
    return out.getvalue()


def _record(writer: WARCWriter, given: Capture) -> Any:
    http = StatusAndHeaders(given.status, list(given.headers), protocol="HTTP/1.1")
    dated = {"WARC-Date": given.date}
    if given.kind == "revisit":
        return writer.create_revisit_record(
            given.url, "sha1:3", given.url, given.date, http_headers=http, warc_headers_dict=dated
        )
    return writer.create_warc_record(
        given.url,
        given.kind,
        payload=BytesIO(given.body),
        http_headers=http if given.kind == "response" else None,
        warc_headers_dict=dated,
    )


def write_warc(file: Path, captures: Sequence[Capture], *, one_member: bool = False) -> Path:
    """A .warc or .warc.gz; with ``one_member`` all of it is a single gzip member."""
    gzipped = file.name.endswith(".gz")
    data = warc_bytes(captures, gzipped=gzipped and not one_member)
    file.write_bytes(gzip.compress(data) if one_member else data)
    return file


def extract(page: RawPage) -> Future[Page]:
    """In this process, at once."""
    future: Future[Page] = Future()
    try:
        future.set_result(extract_raw_page(page, min_chars=250, max_bytes=LIMIT))
    except Rejected as refusal:
        future.set_exception(refusal)
    return future


def reading(**changes: object) -> Reading:
    """How tests read: small limits, no processes."""
    fields = {
        "extract": extract,
        "now": MORNING,
        "max_bytes": LIMIT,
        "max_chars": 10_000,
        "in_flight": 4,
    }
    return Reading(**(fields | changes))  # type: ignore[arg-type]
