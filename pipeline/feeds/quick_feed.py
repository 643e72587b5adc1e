"""RSS and Atom through fastfeedparser, and what the feed itself said of what comes back.

fastfeedparser fills an absent description from the content, and an absent content with the
description. Where no content is asked for it does neither, so a feed in which the two differ is
read twice: that takes a tenth of the time of a look whether one is the head of the other.
"""

from __future__ import annotations

import re
from typing import Any

import fastfeedparser

from pipeline.feeds.document import format_of
from pipeline.feeds.feed_head import read_hints
from pipeline.feeds.raw import RawEntry, RawFeed

_XHTML_CONTENT = re.compile(r"^<content\b[^>]*>(.*)</content>\s*$", re.DOTALL)


def read_quickly(data: bytes) -> RawFeed | None:
    """The feed, or None where this reader cannot read it or finds no entry."""
    try:
        feed = _parsed(data, content=True)
        kind = format_of(data)
        return RawFeed(
            format=kind,
            title=_string(feed.feed.get("title")),
            link=_string(feed.feed.get("link")),
            language=_string(feed.feed.get("language")),
            entries=_entries(data, kind, feed.entries),
            hints=read_hints(data),
        )
    except Exception:  # the next reader takes whatever made this one fail
        return None


def _parsed(data: bytes, *, content: bool) -> Any:
    # Bytes, always: it would fetch a str that is an address.
    return fastfeedparser.parse(
        data,
        include_content=content,
        include_media=False,
        include_tags=False,
        include_enclosures=False,
    )


def _entries(data: bytes, kind: str, entries: list[Any]) -> list[RawEntry]:
    said = [_description(entry) for entry in entries]
    contents = [_content(entry.get("content")) for entry in entries]
    if any(map(_differ, said, contents)):
        said = _descriptions(data, kind, len(entries))
    return [
        _entry(entry, *_told_apart(description, content, atom=kind == "atom"))
        for entry, description, content in zip(entries, said, contents, strict=True)
    ]


def _differ(description: str, content: str) -> bool:
    return description != content.strip() and bool(content)


def _descriptions(data: bytes, kind: str, count: int) -> list[str]:
    """The description of each entry that the feed itself gives, empty where it gives none."""
    if kind == "atom" and b"summary" not in data and b"description" not in data:
        return [""] * count
    return [_description(entry) for entry in _parsed(data, content=False).entries]


def _told_apart(description: str, content: str, *, atom: bool) -> tuple[str, str]:
    """Summary and content. An RSS description comes back as content too, but is no full text."""
    if not content or _differ(description, content):
        return description, content
    return ("", content) if atom else (description, "")


def _entry(entry: Any, summary: str, content: str) -> RawEntry:
    get = entry.get
    authors = get("authors")
    return RawEntry(
        id=_string(get("id")),
        link=_string(get("link")),
        title=_string(get("title")),
        published=_string(get("published")),
        updated=_string(get("updated")),
        authors=[_string(author.get("name")) for author in authors] if authors else [],
        summary=summary,
        content=content,
    )


def _content(details: Any) -> str:
    if not details:
        return ""
    value = _string(details[0].get("value"))
    wrapped = _XHTML_CONTENT.match(value) if details[0].get("type") == "xhtml" else None
    return wrapped.group(1) if wrapped else value


def _description(entry: Any) -> str:
    return _string(entry.get("description"))


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
