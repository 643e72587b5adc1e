"""What the feed consumer remembers of a feed between polls."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pipeline.records.article import ArticleId, AwareTime, Sha256

Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]
Weekday = Annotated[int, msgspec.Meta(ge=0, le=6)]


class SeenPage(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """The page an article's text came from, and what the next visit needs to know of the last.

    ``revisits`` is how many of the ages of a revisit the article had at the last visit.
    ``etag`` and ``last_modified`` are stored exactly as the server sent them. ``title_hash`` is
    that of the page's own title when it was first read, ``chars`` the length of its text when it
    was last published. Once no visit is left, ``revisits`` is all that is kept.
    """

    revisits: Annotated[int, msgspec.Meta(ge=0)] = 0
    etag: str | None = None
    last_modified: str | None = None
    title_hash: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")] | None = None
    chars: Annotated[int, msgspec.Meta(ge=0)] = 0


class SeenEntry(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """An entry that was published or refused, and the hash of what the feed said of it then.

    ``content_sha256`` is that of the article it led to; None where it led to none. ``page`` is
    None where the text did not come from a page, or the page is not visited again.
    """

    article_id: ArticleId
    entry_sha256: Sha256
    first_seen_at: AwareTime
    content_sha256: Sha256 | None = None
    page: SeenPage | None = None


class SitemapState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sitemap that an index lists and that was followed; its address alone where nothing is
    given.

    ``etag`` and ``last_modified`` are as the server sent them, ``read_at`` is when it was read or
    confirmed last. ``updated`` is when it had changed last then, by the index, where the same time
    again means that it has not changed since.
    """

    etag: str | None = None
    last_modified: str | None = None
    updated: AwareTime | None = None
    read_at: AwareTime | None = None


class FeedWork(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What a feed took of us: ``seconds`` of fetching and reading, ``pages``, and other ``sites``
    that they are at, in the hour that began at ``since``; ``articles`` in the day since ``day``.

    ``is_slow``: its last poll with much to do took long for each document. ``put_off`` entries wait
    for a later poll, for the ``reason`` given; no try is counted for them.
    """

    since: AwareTime
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    pages: Annotated[int, msgspec.Meta(ge=0)] = 0
    sites: Annotated[int, msgspec.Meta(ge=0)] = 0
    day: AwareTime | None = None
    articles: Annotated[int, msgspec.Meta(ge=0)] = 0
    is_slow: bool = False
    put_off: Annotated[int, msgspec.Meta(ge=0)] = 0
    reason: str | None = None


class FeedState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The polling state of one feed, kept on a compacted topic under the feed's id.

    ``etag`` and ``last_modified`` are stored exactly as the server sent them. ``seen`` is keyed by
    the entry's id in the feed (by a hash of it where it is long). ``tries`` counts, for entries not
    yet seen, how often their page could not be had; while there are any, or ``work`` has some put
    off, the validators are None, so that the next poll gets the entries again. Written only after
    everything it speaks of was delivered.

    ``fetched_at`` is the last poll that got an answer, ``full_fetch_at`` the last that asked for
    the document whatever the server thought we had. ``new_per_day`` estimates how many entries
    appear; ``fresh_seconds`` is how long the server, or the feed itself, asked to be left alone.
    ``skip_hours`` (0 to 23) and ``skip_days`` (0 is Monday) are those in which the feed does not
    want to be read, in UTC. ``sitemaps`` are those of an index that were followed, by address.
    ``gone``: the server said that the feed is no more. ``next_revisit_at`` is when pages of known
    entries are to be visited again; None while there is none to visit.

    ``first_poll_at`` is when the entries of the feed were looked at for the first time; what that
    poll passed over is in ``seen`` from then on. None before. ``turn`` counts how often the feed
    was taken over by a consumer: of two states the one of the later turn holds, whichever was
    written last. States of turn 0 were written before either field was there. ``forgotten``: what
    was known of the feed could not be read, and no document was since.
    """

    feed_id: Annotated[str, msgspec.Meta(min_length=1)]
    url: str
    polled_at: AwareTime
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: Sha256 | None = None
    seen: dict[str, SeenEntry] = {}
    tries: dict[str, Annotated[int, msgspec.Meta(ge=1)]] = {}
    failures: Annotated[int, msgspec.Meta(ge=0)] = 0
    error: str | None = None
    fetched_at: AwareTime | None = None
    full_fetch_at: AwareTime | None = None
    next_poll_at: AwareTime | None = None
    new_per_day: Annotated[float, msgspec.Meta(ge=0)] | None = None
    fresh_seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None
    gone: bool = False
    next_revisit_at: AwareTime | None = None
    skip_hours: tuple[Hour, ...] = ()
    skip_days: tuple[Weekday, ...] = ()
    sitemaps: dict[str, SitemapState] = {}
    work: FeedWork | None = None
    first_poll_at: AwareTime | None = None
    forgotten: bool = False
    turn: Annotated[int, msgspec.Meta(ge=0)] = 0
