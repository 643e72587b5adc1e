"""Which sitemaps of an index need not be read again. Pure.

An index says when each of its sitemaps changed last. Many say so wrongly, or to the day, and
behind a cache it comes late: a time is relied on where the sitemap's own entries bear it out, once
nothing can hide behind it any more, and for a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from msgspec.structs import replace

from pipeline.feeds.decide import GONE_LIMIT
from pipeline.feeds.parse import ENTRIES_LIMIT
from pipeline.feeds.parsed import Entry, Sitemap
from pipeline.records import FeedState, SitemapState

RELIED_ON_FOR = timedelta(days=1)
CACHED_FOR = timedelta(hours=1)  # what changes meanwhile may be told with the same time
WHOLE_DAY = timedelta(days=2)  # a date without a time is over everywhere, in every zone
# Entries that have left the document go only when all sitemaps are read: with more than this, they
# are, so that a state stays small enough for a message.
MOST_SEEN = ENTRIES_LIMIT + 2 * GONE_LIMIT


def known_sitemaps(state: FeedState) -> Mapping[str, SitemapState]:
    """What is known of the sitemaps that were followed; nothing but their addresses where all of
    them are to be read again."""
    return bare(state.sitemaps) if is_full(state) else state.sitemaps


def is_full(state: FeedState) -> bool:
    """Whether more is remembered than what is still there and some that has left."""
    return len(state.seen) > MOST_SEEN


def bare(sitemaps: Mapping[str, SitemapState]) -> dict[str, SitemapState]:
    """The addresses, without what would let the next poll pass them by."""
    return dict.fromkeys(sitemaps, SitemapState())


def is_unchanged(listed: Sitemap, known: SitemapState, now: datetime) -> bool:
    """Whether the index's word is enough that it is as it was when it was read."""
    if known.read_at is None or known.updated is None or listed.updated != known.updated:
        return False
    return now - known.read_at < RELIED_ON_FOR


def reliable_time(
    updated: datetime | None, entries: Sequence[Entry], now: datetime
) -> datetime | None:
    """``updated``, by the index, of a sitemap with these entries, where the same time again will
    mean that nothing changed; else None."""
    times = [each for entry in entries for each in (entry.published, entry.updated) if each]
    if updated is None or not times:
        return None
    end = _end(updated)
    return updated if max(times) <= end <= now else None


def confirmed(known: SitemapState, updated: datetime | None, now: datetime) -> SitemapState:
    """After the server said that it is as it was."""
    relied_on = updated if known.updated and updated and _end(updated) <= now else None
    return replace(known, updated=relied_on, read_at=now)


def _end(updated: datetime) -> datetime:
    """When the last change that may go by this time has come through."""
    is_date = updated.astimezone(UTC).timetz() == time(tzinfo=UTC)
    return updated + (WHOLE_DAY if is_date else CACHED_FOR)
