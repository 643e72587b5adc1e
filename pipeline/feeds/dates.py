"""Times as feeds and pages write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dateutil import parser

from pipeline.feeds.months import with_english_month
from pipeline.feeds.zones import without_zone

# Outside of these a date is a slip or a lie; news on the web is younger, and clocks drift.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_FURTHEST_OFFSET = timedelta(hours=14)
_MAIL = re.compile(r"^(?:[a-z]{3,9},?\s+)?\d{1,2}[\s-]+[a-z]{3,9}[\s-]+\d{2,4}\s+\d", re.IGNORECASE)
# As most feeds write it: read without a look at what else it may be.
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})", re.ASCII
)
_DAY_FIRST = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{4}\b")  # nobody writes months first with dots
_END_OF_DAY = re.compile(r"(?<!\d)24:00(?::00(?:\.0+)?)?(?!\d)")
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60\b")
_DAY = 86_400  # seconds
_LONGEST = 64  # dateutil takes quadratic time


def parse_time(value: str | None) -> datetime | None:
    """An ISO 8601 or RFC 822 time, or what else names a whole day; None for anything less.

    Timezone-aware with the offset as written, UTC where none is. 24:00 is the end of its day, and
    a leap second the second before it.
    """
    if value and value.endswith("+00:00"):  # as the quick reader of feeds gives most of them
        with suppress(ValueError):
            return plausible(datetime.fromisoformat(value))
    return first_time([value or ""])


def first_time(values: Iterable[str]) -> datetime | None:
    """The first of ``values`` that :func:`parse_time` reads. One without a zone gets that of a
    later one with the same date and time of day: pages write their time in several places."""
    times = [time for value in values if (time := _read(value))]
    first = next(iter(times), None)
    if first is None or first.tzinfo:
        return first
    zoned = (time for time in times if time.tzinfo and time.replace(tzinfo=None) == first)
    return next(zoned, None) or plausible(first)


def _read(value: str) -> datetime | None:
    """A plausible time as written: without a zone where there is none."""
    text = value.strip()
    if not text or len(text) > _LONGEST:
        return None
    read = parsedate_to_datetime if _USUAL.fullmatch(text) else datetime.fromisoformat
    try:
        time: datetime | None = read(text)
    except ValueError:
        time = _read_written(text)
    return time if time and plausible(time) else None


def plausible(time: datetime) -> datetime | None:
    """``time`` as an aware one, or None when no news can have it."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    offset = aware.utcoffset() or timedelta(0)
    possible = _FIRST_YEAR < aware.year < _LAST_YEAR and abs(offset) <= _FURTHEST_OFFSET
    return aware if possible else None


def _read_written(text: str) -> datetime | None:
    try:
        text, zone = without_zone(text)
    except ValueError:
        return None
    text, days = _END_OF_DAY.subn("00:00", _LEAP_SECOND.sub(":59", text))
    text = with_english_month(text)
    for read in (datetime.fromisoformat, _read_mail, _read_loosely):
        try:
            time = read(text) + timedelta(days=days)
            return time.replace(tzinfo=zone or time.tzinfo)
        except (ValueError, TypeError, ArithmeticError, IndexError):
            continue
    return None


def _read_mail(text: str) -> datetime:
    if not _MAIL.match(text):  # the reader of mail makes a time of much that is none
        raise ValueError("not RFC 822")
    return parsedate_to_datetime(text)


def _read_loosely(text: str) -> datetime:
    # Read twice with other defaults: what differs was not in the text.
    dayfirst = _DAY_FIRST.match(text) is not None
    first, second = (
        parser.parse(text, default=default, tzinfos=_offset, dayfirst=dayfirst)
        for default in (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001
    )
    if first != second:
        raise ValueError("not a whole date")
    return first


def _offset(_: str | None, seconds: int | None) -> int | None:
    """A zone as its offset; names without one say nothing, least of all this machine's zone.

    Raises ValueError for one of a day and more, which no time can have.
    """
    if seconds is not None and abs(seconds) >= _DAY:
        raise ValueError("no offset")
    return seconds
