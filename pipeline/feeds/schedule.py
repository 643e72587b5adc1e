"""When a feed is polled next. Pure: time and chance are arguments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(days=1)
JITTER = 0.1  # of the wait, either way, so that feeds do not stay in step
_DOUBLINGS = 10


def next_poll(
    polled_at: datetime,
    *,
    interval: timedelta,
    failures: int,
    chance: float,
    retry_after: timedelta | None = None,
) -> datetime:
    """``interval`` after the last poll, doubled with each failure in a row, up to a day.

    ``chance`` is from 0 to 1. Never before ``retry_after``, the server's own wish, up to a day.
    """
    backoff = min(interval * (1 << min(failures, _DOUBLINGS)), max(interval, LONGEST_WAIT))
    wait = backoff * (1 + JITTER * (2 * chance - 1))
    wished = min(retry_after or timedelta(0), LONGEST_WAIT)
    return polled_at + max(wait, wished)


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header: seconds or a date (RFC 9110, 10.2.3). None for anything else."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_WAIT.total_seconds()))
    try:
        until: datetime = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date is in GMT, whether it says so or not.
    return max(until.replace(tzinfo=until.tzinfo or UTC) - now, timedelta(0))
