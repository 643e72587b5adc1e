"""Fetching and reading on the account of one poll, for those who need not know whose it is."""

from __future__ import annotations

from pipeline.feeds.entry_reader import EntryReader
from pipeline.feeds.fetch import Fetched, NotModified
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.work import PollWork


class OwnAccount:
    """An :class:`EntryReader` as Fetches and ParsesFeeds."""

    def __init__(self, reader: EntryReader, work: PollWork) -> None:
        self._reader = reader
        self._work = work

    async def fetch(
        self,
        url: str,
        *,
        limit: int,
        etag: str | None = None,
        last_modified: str | None = None,
        allow_private: bool = False,
    ) -> Fetched | NotModified:
        """Get ``url``, or raise FetchFailed."""
        return await self._reader.fetch(
            self._work,
            url,
            limit=limit,
            etag=etag,
            last_modified=last_modified,
            allow_private=allow_private,
        )

    async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Read a feed, or raise Rejected."""
        return await self._reader.feed(self._work, data, url=url, content_type=content_type)
