"""JSON Feed 1.0 and 1.1. Source: jsonfeed.org/version/1.1."""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.feeds.markup import text_to_html
from pipeline.feeds.raw import Hints, RawEntry, RawFeed

_OUTER_KEYS = ("version", "items")
_HUBS_LIMIT = 5


def looks_like_json(data: bytes) -> bool:
    """Whether the first character is a JSON object's."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read_json_feed(data: bytes) -> RawFeed:
    """Read leniently, field by field: one odd item does not cost the feed.

    Raises ValueError for what is no JSON Feed.
    """
    try:
        # Anew from text: one byte that is no UTF-8 would cost all of it.
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError("not valid JSON") from error
    if not isinstance(document, dict) or not all(key in document for key in _OUTER_KEYS):
        raise ValueError("JSON, but without version and items it is no JSON Feed")
    items = document["items"] if isinstance(document["items"], list) else []
    authors = _authors(document)
    return RawFeed(
        format="json",
        title=_text(document, "title"),
        link=_text(document, "home_page_url"),
        language=_text(document, "language"),
        entries=[_entry(item, authors) for item in items if isinstance(item, dict)],
        hints=Hints(hubs=_hubs(document), self_link=_text(document, "feed_url")),
    )


def _entry(item: dict[str, Any], feed_authors: list[str]) -> RawEntry:
    content = _text(item, "content_html") or text_to_html(_text(item, "content_text"))
    return RawEntry(
        id=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        authors=_authors(item) or feed_authors,
        summary=text_to_html(_text(item, "summary")),
        content=content,
        language=_text(item, "language"),
    )


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    # Version 1 says an id may be a number.
    return str(value) if isinstance(value, str | int | float) else ""


def _authors(item: dict[str, Any]) -> list[str]:
    # 1.0 has one "author", 1.1 a list of "authors".
    listed = item.get("authors")
    people = listed if isinstance(listed, list) else [item.get("author")]
    names = (_text(person, "name") for person in people if isinstance(person, dict))
    return [name for name in names if name]


def _hubs(document: dict[str, Any]) -> tuple[str, ...]:
    listed = document.get("hubs")
    hubs = [hub for hub in listed if isinstance(hub, dict)] if isinstance(listed, list) else []
    # It may list others than WebSub, which are spoken to in another way.
    addresses = (_text(hub, "url") for hub in hubs if _text(hub, "type").lower() == "websub")
    return tuple(address for address in addresses if address)[:_HUBS_LIMIT]
