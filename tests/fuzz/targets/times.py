"""Times and zones as feeds, pages, servers and people write them."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta

from pipeline.feeds.dates import first_time, parse_time
from pipeline.search import request
from tests.fakes.records import NOW
from tests.fuzz.target import Target, seeds, text_of, texts
from tests.fuzz.targets.laws import is_time

_DATES = (
    "Sun, 01 Mar 2026 12:00:00 +0100", "2026-03-01T24:00:00Z", "2026-03-01T12:00:60.123456+05:45",
    "1. März 2026 um 14:05 Uhr", "Sunday, March 1st, 2026 4:05 p.m. EST", "20260301T120000Z",
    "le 1er février 2026 à 9h00", "2026-W09-7", "01.03.2026 08:00 MEZ", "2026-03-01 12:00 GMT-5",
    "1772366400", "03/01/26 12:00:00 AM PDT 2026", "Sun Mar 1 12:00:00 UTC 2026",
    "1 мар 2026, 10:00",
)  # fmt: skip
_TOKENS = (
    b"+0000", b"-2359", b"+24:00", b"+99:99", b"Z", b"GMT", b"EST", b"(CET)", b"T", b"24:00:00",
    b":60", b"a.m.", b"p.m.", b"Jan", b"Feb 29", "März".encode(), b"0000", b"9999", b"1970",
    b"2100", b"W", b".", b",", "\u2212".encode(), b"h", b"first", b"now", b"00:00", b"31", b"e5",
)  # fmt: skip


def dates(data: bytes) -> Hashable:
    """A time that news can have, which reads the same when it is written."""
    text = text_of(data)
    time = parse_time(text)
    is_time(time)
    if time is None:
        return None
    assert parse_time(time.isoformat()) == time
    first = first_time([text, time.isoformat()])
    assert first is not None
    return time.utcoffset(), bool(time.microsecond), time.hour == 0


def asked(data: bytes) -> Hashable:
    """A moment as the query language has it, with a place in UTC."""
    word, cell = texts(data, 2)
    moment = request.parse_time(word, NOW, end_of_day=len(data) % 2 == 0)
    assert moment.utcoffset() == timedelta(0)
    place = request.parse_cell(cell) if cell else None
    return place is None, moment > NOW


TARGETS = (
    Target("dates", dates, seeds(*_DATES), (), _TOKENS, 5_000),
    Target(
        "asked-times",
        asked,
        seeds(
            "24h",
            "2w\x1e12/4095/0",
            "2026-05-17",
            "2026-05-17T12:00+02:00\x1e3/1/2",
            "0001-01-01T00:00+14:00",
        ),
        (request.InvalidSearch,),
        (
            b"m",
            b"h",
            b"d",
            b"w",
            b"T",
            b"+14:00",
            b"-23:59",
            b"9999-12-31",
            b"0001-01-01",
            b"99999w",
        ),
        5_000,
    ),
)
