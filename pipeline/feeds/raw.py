"""A feed as its document has it: strings nobody has cleaned yet, for ``parse`` alone."""

from __future__ import annotations

import msgspec


class RawEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. ``base`` is what its links are relative to, where it is not the feed's address."""

    id: str = ""
    link: str = ""
    title: str = ""
    published: str = ""
    updated: str = ""
    authors: list[str] = []
    summary: str = ""
    content: str = ""
    language: str = ""
    base: str = ""


class RawSitemap(msgspec.Struct, frozen=True, kw_only=True):
    """A sitemap that an index lists."""

    link: str
    updated: str = ""


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed says about when and how to ask for it. See :class:`parsed.ParsedFeed`."""

    ttl_minutes: int | None = None
    update_seconds: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    hubs: tuple[str, ...] = ()
    self_link: str = ""


class RawFeed(msgspec.Struct, frozen=True, kw_only=True):
    """One feed."""

    format: str
    title: str = ""
    link: str = ""
    language: str = ""
    entries: list[RawEntry] = []
    sitemaps: list[RawSitemap] = []
    hints: Hints = Hints()
