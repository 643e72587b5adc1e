"""Times as feeds and pages write them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from dateutil import parser

# Outside of these a date is a slip or a lie; news on the web is younger, and clocks drift.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_LONGEST = 64  # dateutil takes quadratic time


def parse_time(value: str | None) -> datetime | None:
    """An ISO 8601 or RFC 822 time, or what else names a whole day; None for anything less.

    Timezone-aware with the offset as written, UTC where none is.
    """
    text = (value or "").strip()
    if not text or len(text) > _LONGEST:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime, _read_loosely):
        try:
            return plausible(read(text))
        except (ValueError, TypeError, ArithmeticError, IndexError):
            continue
    return None


def plausible(time: datetime) -> datetime | None:
    """``time`` as an aware one, or None when no news can have it."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware if _FIRST_YEAR < aware.year < _LAST_YEAR else None


def _read_loosely(text: str) -> datetime:
    # Read twice with other defaults: what differs was not in the text.
    first = parser.parse(text, default=datetime(2000, 1, 1))  # noqa: DTZ001
    second = parser.parse(text, default=datetime(2001, 2, 2))  # noqa: DTZ001
    if first != second:
        raise ValueError("not a whole date")
    return first
