"""A sitemap index as one feed: the newest of the sitemaps it lists, read in the same poll."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.entry_reader import ParsesFeeds
from pipeline.feeds.fetch import Fetches, FetchFailed, NotModified
from pipeline.feeds.parse import ENTRIES_LIMIT
from pipeline.feeds.parsed import Entry, ParsedFeed, Sitemap
from pipeline.feeds.sitemap_changes import bare, confirmed, is_unchanged, reliable_time
from pipeline.records import SitemapState

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """``feed`` with the entries of the sitemaps that were read. What is in the ``unread`` others
    that were read before, and did not change or could not be had, is as it was.

    ``sitemaps`` is what to remember of them, by address; ``first_read`` are the ids of entries that
    stand in no sitemap followed before.
    """

    feed: ParsedFeed
    read: int = 1
    unread: int = 0
    sitemaps: dict[str, SitemapState] = {}
    first_read: frozenset[str] = frozenset()


class _Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One sitemap: its entries, None where it was not read; ``state`` is None where it never was.
    ``error`` says why it could not be had."""

    url: str
    entries: tuple[Entry, ...] | None = None
    state: SitemapState | None = None
    error: FetchFailed | Rejected | None = None


def newest_sitemaps(listed: Sequence[Sitemap], limit: int) -> list[Sitemap]:
    """At most ``limit`` of them: those that changed last, then those that do not say when.

    Among equals, and where none says, those for news go first (by their address), then the order
    of the index decides.
    """
    distinct = {sitemap.url: sitemap for sitemap in listed}.values()
    for_news_first = sorted(distinct, key=_is_for_news, reverse=True)
    by_time = sorted(for_news_first, key=lambda each: each.updated or _LONG_AGO, reverse=True)
    return by_time[:limit]


async def follow_sitemaps(
    feed: ParsedFeed,
    known: Mapping[str, SitemapState],
    fetcher: Fetches,
    parsers: ParsesFeeds,
    *,
    now: datetime,
    limit: int,
    max_bytes: int,
    may_be_private: Callable[[str], bool],
) -> Followed:
    """``feed`` with the entries of its sitemaps, newest first; itself for what is no index.

    Of at most ``limit`` sitemaps, and at most as many entries as of any feed. Those that are
    ``known``, and by index or server unchanged, are not read; those that cannot be had are passed
    over. ``may_be_private`` tells whether an address may lead into the own network.

    Raises FetchFailed or Rejected when none can be had.
    """
    chosen = newest_sitemaps(feed.sitemaps, limit)
    if not chosen:
        return Followed(feed=feed)

    async def read(each: Sitemap) -> _Reading:
        before = known.get(each.url)
        if before is not None and is_unchanged(each, before, now):
            return _Reading(url=each.url, state=before)
        try:
            return await _read(
                each,
                before,
                fetcher,
                parsers,
                now=now,
                max_bytes=max_bytes,
                allow_private=may_be_private(each.url),
            )
        except (FetchFailed, Rejected) as error:
            return _Reading(url=each.url, state=before, error=error)

    found = await asyncio.gather(*map(read, chosen))
    errors = [each.error for each in found if each.error is not None]
    if len(errors) == len(found):
        raise errors[0]
    return _joined(feed, known, found)


async def _read(
    sitemap: Sitemap,
    before: SitemapState | None,
    fetcher: Fetches,
    parsers: ParsesFeeds,
    *,
    now: datetime,
    max_bytes: int,
    allow_private: bool,
) -> _Reading:
    answer = await fetcher.fetch(
        sitemap.url,
        limit=max_bytes,
        etag=before.etag if before else None,
        last_modified=before.last_modified if before else None,
        allow_private=allow_private,
    )
    if isinstance(answer, NotModified):
        return _Reading(url=sitemap.url, state=before and confirmed(before, sitemap.updated, now))
    feed = await parsers.feed(answer.body, url=answer.url, content_type=answer.content_type)
    state = SitemapState(
        etag=answer.etag,
        last_modified=answer.last_modified,
        updated=reliable_time(sitemap.updated, feed.entries, now),
        read_at=now,
    )
    return _Reading(url=sitemap.url, entries=feed.entries, state=state)


def _joined(
    feed: ParsedFeed, known: Mapping[str, SitemapState], found: Sequence[_Reading]
) -> Followed:
    read = [each for each in found if each.entries is not None]
    distinct = {entry.id: entry for each in read for entry in each.entries or ()}
    again = {entry.id for each in read if each.url in known for entry in each.entries or ()}
    newest = sorted(distinct.values(), key=lambda each: each.published or _LONG_AGO, reverse=True)
    sitemaps = {each.url: each.state for each in found if each.state is not None}
    # Which entries are the newest is only to be seen with all of them together.
    is_cut = len(newest) > ENTRIES_LIMIT
    return Followed(
        feed=msgspec.structs.replace(feed, entries=tuple(newest[:ENTRIES_LIMIT])),
        read=len(read),
        unread=sum(each.entries is None and each.state is not None for each in found),
        sitemaps=bare(sitemaps) if is_cut else sitemaps,
        first_read=frozenset(distinct.keys() - again),
    )


def _is_for_news(sitemap: Sitemap) -> bool:
    return "news" in sitemap.url.lower().rpartition("://")[2].partition("/")[2]
