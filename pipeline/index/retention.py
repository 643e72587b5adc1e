"""Months that are dropped: decided from names and the clock, whole indices at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from elasticsearch import AsyncElasticsearch

from pipeline.index.client import indices_behind
from pipeline.index.homes import forget_homes
from pipeline.index.periods import PATTERN, last_month
from pipeline.settings import IndexSettings


def oldest_kept(retain_months: int, now: datetime) -> str | None:
    """The earliest month, as ``YYYY.MM``, that is kept at ``now``: the current one (UTC) is kept,
    and the ``retain_months`` before it; with 0 all are, and this is None."""
    if retain_months == 0:
        return None
    utc = now.astimezone(UTC)
    year, month = divmod(12 * utc.year + utc.month - 1 - retain_months, 12)
    return f"{year:04}.{month + 1:02}"


def expired(names: Iterable[str], alias: str, retain_months: int, now: datetime) -> list[str]:
    """The indices of ``alias`` to drop at ``now``, oldest first: those of a year with its last
    month.

    Names that are not ``<alias>-`` and a period are left alone.
    """
    oldest = oldest_kept(retain_months, now)
    if oldest is None:
        return []
    pattern = re.compile(rf"{re.escape(alias)}-({PATTERN})")
    matches = (pattern.fullmatch(name) for name in names)
    return sorted(match.string for match in matches if match and last_month(match[1]) < oldest)


async def apply_retention(
    client: AsyncElasticsearch, settings: IndexSettings, now: datetime
) -> list[str]:
    """Delete the expired months of all that is indexed; returns their names.

    The homes of their articles go last: as long as one is there, a late capture of its article is
    not indexed as if it were new, beside the one that still can be found. Lets the client's
    TransportError and ApiError out.
    """
    dropped: list[str] = []
    for alias in settings.aliases:
        found = await indices_behind(client, alias)
        dropped += expired(found, alias, settings.retain_months, now)
    for name in dropped:
        await client.indices.delete(index=name, ignore_unavailable=True)
    oldest = oldest_kept(settings.retain_months, now)
    if oldest is not None:
        await forget_homes(client, settings, before=oldest)
    return dropped
