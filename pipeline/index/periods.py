"""Which articles share an index: those first seen in one month, or, long ago, in one year. Pure.

A shard costs memory whether it holds anything or not, and an archive reaches back for decades: by
the month, twenty-six years took 628 of the thousand shards that a node may have. The rule looks at
an article's own time alone, never at the clock: any worker, at any time, finds the same. Indices of
months before :data:`FIRST_MONTHLY` that are there from earlier versions stay as they are: an
article's home says where it is.
"""

from __future__ import annotations

from datetime import UTC, datetime

FIRST_MONTHLY = 2025
"""The first year whose months have indices of their own."""
PATTERN = r"\d{4}(?:\.(?:0[1-9]|1[0-2]))?"
"""Of the end of an index's name."""


def period_of(first_seen_at: datetime) -> str:
    """``YYYY.MM`` in UTC; ``YYYY`` before :data:`FIRST_MONTHLY`."""
    utc = first_seen_at.astimezone(UTC)
    return f"{utc.year:04}" if utc.year < FIRST_MONTHLY else f"{utc.year:04}.{utc.month:02}"


def last_month(period: str) -> str:
    """``YYYY.MM``: the month with which a period ends, and until which it is kept."""
    return period if "." in period else f"{period}.12"
