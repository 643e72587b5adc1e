"""When a feed is polled next. Pure: time and chance are arguments.

A feed is polled as often as it brings something new: the time between polls is that in which half
an entry is expected, so that a good third of the polls find one, and an entry waits for half of
that time. The estimate is a moving average that forgets within days, since newsrooms have nights
and week-ends.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from pipeline.feeds.freshness import http_date

EXPECTED_NEW = 0.5  # entries in the time between two polls
MEMORY = timedelta(days=2)  # in which the estimate forgets two thirds of what it knew
LONGEST_WAIT = timedelta(days=1)  # for a server's wish, and for a feed that fails
GONE_WAIT = timedelta(days=7)  # a feed that is gone (410) is looked for again
JITTER = 0.1  # of the wait, either way, so that feeds do not stay in step
_DOUBLINGS = 10
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_WEEK = 7 * 24  # hours
_SPREAD = 1 / 4  # of an hour, over which the feeds that wake at the same one are polled


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often a feed may be polled: ``first`` before anything is known of it, later between
    ``floor`` and ``ceiling``. Where the two are one, always so."""

    first: timedelta
    floor: timedelta
    ceiling: timedelta

    @property
    def is_fixed(self) -> bool:
        """Whether an interval was set that no wish of the feed changes."""
        return self.floor == self.ceiling

    @classmethod
    def fixed(cls, interval: timedelta) -> Pace:
        """Always this interval."""
        return cls(first=interval, floor=interval, ceiling=interval)

    def interval(self, new_per_day: float | None) -> timedelta:
        """The time between polls of a feed that brings so many entries a day."""
        if new_per_day is None:
            return self._within(self.first)
        if new_per_day * self.ceiling <= EXPECTED_NEW * _DAY:
            return self.ceiling
        return self._within(_DAY * EXPECTED_NEW / new_per_day)

    def _within(self, interval: timedelta) -> timedelta:
        return min(max(interval, self.floor), self.ceiling)


def next_poll(
    polled_at: datetime,
    *,
    pace: Pace,
    chance: float,
    new_per_day: float | None = None,
    failures: int = 0,
    gone: bool = False,
    fresh_for: timedelta | None = None,
    retry_after: timedelta | None = None,
) -> datetime:
    """The time of the next poll; ``chance`` is from 0 to 1.

    The wait doubles with each failure in a row, up to a day. ``fresh_for`` is how long the server
    or the feed asked to be left alone, honoured up to the ceiling, and ``retry_after`` what the
    server answered a poll with that came too early, up to a day.
    """
    interval = max(pace.interval(new_per_day), min(fresh_for or timedelta(0), pace.ceiling))
    backoff = min(interval * (1 << min(failures, _DOUBLINGS)), max(interval, LONGEST_WAIT))
    wait = max(backoff, GONE_WAIT) if gone else backoff
    wished = min(retry_after or timedelta(0), LONGEST_WAIT)
    return polled_at + max(wait * (1 + JITTER * (2 * chance - 1)), wished)


def longest_wait(pace: Pace, *, gone: bool = False) -> timedelta:
    """No poll is scheduled later than so long after the one before it, whatever was wished for."""
    wait = max(pace.first, pace.ceiling, LONGEST_WAIT, GONE_WAIT if gone else LONGEST_WAIT)
    return wait * (1 + JITTER) + (timedelta(0) if pace.is_fixed else _WEEK * _HOUR)


def outside_skips(due: datetime, hours: Collection[int], days: Collection[int]) -> datetime:
    """``due``, or the beginning of the next hour in which a feed may be read; under a week later.

    ``hours`` (0 to 23) and ``days`` (0 is Monday) are those in which it may not, in UTC, as RSS has
    them (skipHours, skipDays). Minutes are squeezed into the first quarter of the hour, so that
    polls keep apart. A feed that skips all of the week means nothing by it.
    """
    asked = due.astimezone(UTC)
    hour = asked.replace(minute=0, second=0, microsecond=0)
    for ahead in range(_WEEK):
        later = hour + ahead * _HOUR
        if later.hour not in hours and later.weekday() not in days:
            return later + (asked - hour) * _SPREAD if ahead else due
    return due


def estimated_rate(before: float | None, new: int, elapsed: timedelta) -> float | None:
    """Entries a day, after ``new`` of them came in ``elapsed``; None while nothing is known.

    An exponential moving average over time: a poll counts by the time it covers.
    """
    if elapsed <= timedelta(0):
        return before
    rate = new / (elapsed / _DAY)
    if before is None:
        return rate
    weight = 1 - math.exp(-elapsed / MEMORY)
    return before + weight * (rate - before)


def rate_of_document(published: Sequence[datetime], now: datetime) -> float | None:
    """Entries a day by the times in a feed read for the first time; None without any.

    From the oldest entry until now, so that a feed that fell silent counts as slow.
    """
    past = [time for time in published if time <= now]
    if not past:
        return None
    span = max(now - min(past), timedelta(hours=1))
    return len(past) / (span / _DAY)


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header: seconds or a date (RFC 9110, 10.2.3). None for anything else."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_WAIT.total_seconds()))
    try:
        return max(http_date(text) - now, timedelta(0))
    except ValueError:
        return None
