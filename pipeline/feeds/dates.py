"""Times as feeds and pages write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dateutil import parser

# Outside of these a date is a slip or a lie; news on the web is younger, and clocks drift.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_FURTHEST_OFFSET = timedelta(hours=14)
_MAIL = re.compile(r"^(?:[a-z]{3,9},?\s+)?\d{1,2}[\s-]+[a-z]{3,9}[\s-]+\d{2,4}\s+\d", re.IGNORECASE)
_LONGEST = 64  # dateutil takes quadratic time


def parse_time(value: str | None) -> datetime | None:
    """An ISO 8601 or RFC 822 time, or what else names a whole day; None for anything less.

    Timezone-aware with the offset as written, UTC where none is.
    """
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
    for read in (datetime.fromisoformat, _read_mail, _read_loosely):
        try:
            time = read(text)
            return time if plausible(time) else None
        except (ValueError, TypeError, ArithmeticError, IndexError):
            continue
    return None


def plausible(time: datetime) -> datetime | None:
    """``time`` as an aware one, or None when no news can have it."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    offset = aware.utcoffset() or timedelta(0)
    possible = _FIRST_YEAR < aware.year < _LAST_YEAR and abs(offset) <= _FURTHEST_OFFSET
    return aware if possible else None


def _read_mail(text: str) -> datetime:
    if not _MAIL.match(text):  # the reader of mail makes a time of much that is none
        raise ValueError("not RFC 822")
    return parsedate_to_datetime(text)


def _read_loosely(text: str) -> datetime:
    # Read twice with other defaults: what differs was not in the text.
    first = parser.parse(text, default=datetime(2000, 1, 1), tzinfos=_offset)  # noqa: DTZ001
    second = parser.parse(text, default=datetime(2001, 2, 2), tzinfos=_offset)  # noqa: DTZ001
    if first != second:
        raise ValueError("not a whole date")
    return first


def _offset(_: str | None, seconds: int | None) -> int | None:
    """A zone as its offset; names without one say nothing, least of all this machine's zone."""
    return seconds
