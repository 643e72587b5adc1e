"""Months that are dropped: decided from names and the clock, whole indices at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from elasticsearch import AsyncElasticsearch

from pipeline.index.client import indices_behind
from pipeline.settings import IndexSettings

_MONTH = r"\d{4}\.(?:0[1-9]|1[0-2])"


def expired(names: Iterable[str], alias: str, retain_months: int, now: datetime) -> list[str]:
    """The month indices of ``alias`` to drop at ``now``, oldest first.

    Kept are the current month (UTC) and the ``retain_months`` before it; 0 keeps everything. Names
    that are not ``<alias>-YYYY.MM`` are left alone.
    """
    pattern = re.compile(rf"{re.escape(alias)}-({_MONTH})")
    matches = (pattern.fullmatch(name) for name in names)
    return sorted(
        match.string for match in matches if match and is_expired(match[1], retain_months, now)
    )


def is_expired(month: str, retain_months: int, now: datetime) -> bool:
    """Whether ``YYYY.MM`` is to be dropped at ``now``: as in :func:`expired`."""
    year, number = map(int, month.split("."))
    utc = now.astimezone(UTC)
    oldest_kept = _month_number(utc.year, utc.month) - retain_months
    return retain_months > 0 and _month_number(year, number) < oldest_kept


def _month_number(year: int, month: int) -> int:
    return 12 * year + month


async def apply_retention(
    client: AsyncElasticsearch, settings: IndexSettings, now: datetime
) -> list[str]:
    """Delete the expired months of all that is indexed; returns their names.

    Lets the client's TransportError and ApiError out.
    """
    dropped: list[str] = []
    for alias in settings.aliases:
        found = await indices_behind(client, alias)
        dropped += expired(found, alias, settings.retain_months, now)
    for name in dropped:
        await client.indices.delete(index=name, ignore_unavailable=True)
    return dropped
