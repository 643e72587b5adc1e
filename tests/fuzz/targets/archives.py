"""Files of archives: WARC, JSON lines and texts, packed or not."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from functools import cache
from io import BytesIO
from pathlib import Path

from pipeline.errors import Rejected
from pipeline.feeds.archives import read_file
from pipeline.feeds.captures import Capture, to_capture
from pipeline.feeds.parsed import Page, RawPage
from pipeline.feeds.reads import START, PassedOver, Reading, settled
from pipeline.feeds.warc import Damage, Record, read_records
from pipeline.records import Reason
from tests.fakes.archives import LIMIT, capture, reading, warc_bytes
from tests.fakes.feeds import MORNING, PARAGRAPH
from tests.fuzz.target import SEPARATOR, Target
from tests.fuzz.targets.laws import is_address, is_time, survives

_TOKENS = (
    b"WARC/1.0\r\n", b"WARC/1.1\r\n", b"WARC-Type: response\r\n", b"Content-Length: ", b"\r\n\r\n",
    b"WARC-Target-URI: <http://n.example/>\r\n", b"WARC-Date: 2026-03-01T12:00:00Z\r\n",
    b"HTTP/1.1 200 OK\r\n", b"Content-Type: text/html\r\n", b"Transfer-Encoding: chunked\r\n",
    b"\x1f\x8b\x08", b"\r\n", b"\n",
)  # fmt: skip
_LINE_TOKENS = (
    b'"text":', b'"title":', b'"url":', b'"id":', b'"fetched":', b'"authors":', b'"published":',
    b"\n", b"{", b"}", b'"\\ud800"',
)  # fmt: skip
_FILES = {b"w": "a.warc", b"W": "a.warc.gz", b"j": "a.jsonl", b"J": "a.jsonl.gz", b"t": "a.txt"}


def records(data: bytes) -> Hashable:
    """Reading ends, goes forward, and goes on from each place as if it had never stopped."""
    gzipped = data[:2] == b"\x1f\x8b"
    found = _records(data, gzipped=gzipped)
    places = [(each.after.offset, each.after.skip) for each in found]
    assert places == sorted(places), "reading goes back"
    assert len(found) <= len(data) + 1
    for number, each in enumerate(found[:3]):
        if isinstance(each, Damage) and number + 1 == len(found):
            continue  # nothing whole comes after it: the file is at its end
        rest = list(read_records(BytesIO(data), each.after, gzipped=gzipped, max_bytes=LIMIT))
        assert rest == found[number + 1 :], f"it goes on otherwise from {each.after}"
    kinds = [_kind(each) for each in found[:5]]
    return gzipped, tuple(kinds)


def _records(data: bytes, *, gzipped: bool) -> list[Record | Damage]:
    return list(read_records(BytesIO(data), START, gzipped=gzipped, max_bytes=LIMIT))


def _kind(found: Record | Damage) -> str:
    if isinstance(found, Damage):
        return "damage"
    try:
        captured = to_capture(found, MORNING)
    except Rejected as refusal:
        return refusal.reason
    if isinstance(captured, Capture):
        is_address(captured.url)
        is_time(captured.fetched_at)
        assert captured.fetched_at <= MORNING
        return "capture"
    return captured


def files(data: bytes) -> Hashable:
    """Every file of every kind ends in articles and dead letters that can be published."""
    mark, body = data[:1], data[1:]
    name = _FILES.get(mark, "a.txt")
    path = Path(_folder().name) / name
    path.write_bytes(gzip.compress(body, 1) if mark in b"J" and mark else body)
    kinds = []
    for outcome, _ in settled(read_file(path, _reading()), 2):
        kinds.append(type(outcome).__name__)
        if not isinstance(outcome, PassedOver):
            survives(outcome)
    return name, tuple(kinds[:6])


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


@cache
def _reading() -> Reading:
    return reading(extract=_extract)


def _extract(page: RawPage) -> Future[Page]:
    """Not the page, which is a target of its own."""
    future: Future[Page] = Future()
    if page.data:
        future.set_result(Page(url=page.url, canonical_url=page.url, title="", text=PARAGRAPH))
    else:
        future.set_exception(Rejected(Reason.EMPTY_TEXT, "nothing"))
    return future


@cache
def _warcs() -> Sequence[bytes]:
    captures = [
        capture(body=b"<html><p>one</html>"),
        capture("https://n.example/", body=b"home"),
        capture("https://n.example/a?b=c", b"x" * 100, ("Content-Encoding", "gzip")),
        capture(kind="revisit"),
        capture(body=b"x", status="404 Not Found"),
    ]
    plain = warc_bytes(captures)
    return [plain, warc_bytes(captures, gzipped=True), gzip.compress(plain, mtime=0), *(
        warc_bytes([each]) for each in captures)]  # fmt: skip


@cache
def _some_files() -> Sequence[bytes]:
    line = (
        b'{"text":"The bridge will close.","title":"Bridge","url":"https://n.example/1","id":7,'
        b'"published":"2026-03-01","authors":["A"],"language":"en","fetched":"2026-02-01T00:00:00Z"}\n'
    )
    texts = (b"t" + "A title\n\nA text of it.".encode("utf-16"), b"tA title\nA text.\n")
    lines = (b"j" + line * 2, b"J" + line, b'j{"text":""}\n[]\n')
    warcs = [(b"W" if each[:2] == b"\x1f\x8b" else b"w") + each for each in _warcs()]
    return [*texts, *lines, *warcs]


TARGETS = (
    Target("warc", records, _warcs, (), _TOKENS, 20_000),
    Target("files", files, _some_files, (), (*_TOKENS, *_LINE_TOKENS, SEPARATOR), 20_000),
)
