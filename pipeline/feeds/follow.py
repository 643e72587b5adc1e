"""A sitemap index as one feed: the newest of the sitemaps it lists, read in the same poll."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.entry_reader import ParsesFeeds
from pipeline.feeds.fetch import Fetched, Fetches, FetchFailed
from pipeline.feeds.parse import ENTRIES_LIMIT
from pipeline.feeds.parsed import Entry, ParsedFeed, Sitemap

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


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
    fetcher: Fetches,
    parsers: ParsesFeeds,
    *,
    limit: int,
    max_bytes: int,
    may_be_private: Callable[[str], bool],
) -> ParsedFeed:
    """``feed`` with the entries of its sitemaps, newest first; itself for what is no index.

    Of at most ``limit`` sitemaps, and at most as many entries as of any feed. Sitemaps that cannot
    be had are passed over. ``may_be_private`` tells whether an address may lead into the own
    network.

    Raises FetchFailed or Rejected when none can be had.
    """
    chosen = newest_sitemaps(feed.sitemaps, limit)
    if not chosen:
        return feed
    read = (
        _entries(each, fetcher, parsers, max_bytes, may_be_private(each.url)) for each in chosen
    )
    found = await asyncio.gather(*read)
    had = [entries for entries in found if not isinstance(entries, Exception)]
    if not had:
        raise next(error for error in found if isinstance(error, Exception))
    distinct = {entry.id: entry for entries in had for entry in entries}.values()
    newest = sorted(distinct, key=lambda each: each.published or _LONG_AGO, reverse=True)
    return msgspec.structs.replace(feed, entries=tuple(newest[:ENTRIES_LIMIT]))


async def _entries(
    sitemap: Sitemap, fetcher: Fetches, parsers: ParsesFeeds, max_bytes: int, allow_private: bool
) -> tuple[Entry, ...] | FetchFailed | Rejected:
    try:
        answer = await fetcher.fetch(sitemap.url, limit=max_bytes, allow_private=allow_private)
        if not isinstance(answer, Fetched):
            return ()
        feed = await parsers.feed(answer.body, url=answer.url, content_type=answer.content_type)
    except (FetchFailed, Rejected) as error:
        return error
    return feed.entries


def _is_for_news(sitemap: Sitemap) -> bool:
    return "news" in sitemap.url.lower().rpartition("://")[2].partition("/")[2]
