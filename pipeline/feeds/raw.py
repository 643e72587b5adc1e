"""A feed as its document has it: strings nobody has cleaned yet, for ``parse`` alone."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class RawEntry:
    """One entry. ``base`` is what its links are relative to, where it is not the feed's address."""

    id: str = ""
    link: str = ""
    title: str = ""
    published: str = ""
    updated: str = ""
    authors: list[str] = field(default_factory=list)
    summary: str = ""
    content: str = ""
    language: str = ""
    base: str = ""


@dataclass(frozen=True, kw_only=True)
class RawFeed:
    """One feed."""

    title: str = ""
    link: str = ""
    language: str = ""
    entries: list[RawEntry] = field(default_factory=list)
