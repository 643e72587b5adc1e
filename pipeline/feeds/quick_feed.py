"""RSS and Atom through fastfeedparser, and what the feed itself said of what comes back.

fastfeedparser fills an absent description from the content, and an absent content with the
description. Where no content is asked for it does neither, so a feed with content is read twice:
the texts need not be compared, which took ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import fastfeedparser

from pipeline.feeds.document import format_of
from pipeline.feeds.feed_head import read_hints
from pipeline.feeds.raw import RawEntry, RawFeed

_XHTML_CONTENT = re.compile(r"^<content\b[^>]*>(.*)</content>\s*$", re.DOTALL)


def read_quickly(data: bytes) -> RawFeed | None:
    """The feed, or None where this reader cannot read it or finds no entry."""
    try:
        kind = format_of(data)
        content = _may_have_content(data)
        feed = _parsed(data, content=content)
        own = _descriptions(data, kind) if content else map(_description, feed.entries)
        return RawFeed(
            format=kind,
            title=_string(feed.feed.get("title")),
            link=_string(feed.feed.get("link")),
            language=_string(feed.feed.get("language")),
            entries=[
                _entry(entry, description, atom=kind == "atom")
                for entry, description in zip(feed.entries, own, strict=False)
            ],
            hints=read_hints(data),
        )
    except Exception:  # the next reader takes whatever made this one fail
        return None


def _may_have_content(data: bytes) -> bool:
    """Whether an entry may have a content beside its description. To answer no, it must be sure."""
    if b"encoded" in data or b"<content" in data:
        return True
    others = data.count(b"media:content") + data.count(b"xmlns:content")
    return data.count(b":content") > others


def _parsed(data: bytes, *, content: bool) -> Any:
    # Bytes, always: it would fetch a str that is an address.
    return fastfeedparser.parse(
        data,
        include_content=content,
        include_media=False,
        include_tags=False,
        include_enclosures=False,
    )


def _descriptions(data: bytes, kind: str) -> Iterator[str]:
    """The description of each entry that the feed itself gives, empty where it gives none."""
    if kind == "atom" and b"summary" not in data and b"description" not in data:
        return repeat("")
    return map(_description, _parsed(data, content=False).entries)


def _entry(entry: Any, description: str, *, atom: bool) -> RawEntry:
    get = entry.get
    authors = get("authors")
    summary, content = _told_apart(description, _content(get("content")), atom=atom)
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


def _told_apart(description: str, content: str, *, atom: bool) -> tuple[str, str]:
    """Summary and content. An RSS description comes back as content too, but is no full text."""
    if description != content.strip():
        return description, content
    return ("", content) if atom else (description, "")


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
