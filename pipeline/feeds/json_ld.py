"""What a page says of its article in JSON-LD. Source: schema.org/Article, and what newsrooms do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.feeds.text import unescaped

_NODES_LIMIT = 5_000  # objects looked at in one page
_ARTICLE = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|Report)$")
_COMMENT = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*$")


def read_objects(blocks: list[str]) -> list[dict[str, Any]]:
    """Every object in the blocks of a page, up to a limit in each.

    A block that is no JSON is passed over: newsrooms do write broken ones.
    """
    return [node for block in blocks for node in _objects(_load(block))]


def find_article(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """The first object of an article type, one with a headline first; {} without any."""
    articles = [node for node in objects if _is_article(node)]
    titled = [node for node in articles if node.get("headline")]
    return (titled or articles or [{}])[0]


def types_in(objects: list[dict[str, Any]]) -> frozenset[str]:
    """The types of all objects."""
    return frozenset(name for node in objects for name in _types(node))


def article_type(node: dict[str, Any]) -> str:
    """The type for which ``node`` counts as an article; "" for {}."""
    return next((name for name in _types(node) if _ARTICLE.search(name)), "")


def is_free(node: dict[str, Any]) -> bool | None:
    """``isAccessibleForFree``, which many write as text; None where nothing is said."""
    value = str(node.get("isAccessibleForFree")).rpartition("/")[2].lower()
    return {"true": True, "false": False}.get(value)


def text_of(node: dict[str, Any], key: str) -> str:
    """A field as text; the first of several; a named thing by its name."""
    value = node.get(key)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return unescaped(value) if isinstance(value, str) else ""


def people_of(node: dict[str, Any], key: str) -> list[str]:
    """The names of the people in a field; those of organisations where it names nobody else."""
    people: list[str] = []
    others: list[str] = []
    for each in _flat(node.get(key))[:_NODES_LIMIT]:
        organisation = isinstance(each, dict) and "Organization" in str(each.get("@type"))
        names = each.get("name") if isinstance(each, dict) else each
        for name in names if isinstance(names, list) else [names]:
            if isinstance(name, str) and name.strip():
                (others if organisation else people).append(unescaped(name))
    return people or others


def _flat(value: Any) -> list[Any]:
    """A value or a list of them as a list; lists of one do stand in lists."""
    listed = value if isinstance(value, list) else [value]
    return [inner for each in listed for inner in (each if isinstance(each, list) else [each])]


def _load(block: str) -> Any:
    try:
        return json.loads(_COMMENT.sub("", block), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(root: Any) -> Iterator[dict[str, Any]]:
    """Every object within ``root``, outer ones first, up to a limit; no recursion."""
    level, seen = [root], 0
    while level and seen < _NODES_LIMIT:
        inner: list[Any] = []
        for value in level:
            seen += 1
            if isinstance(value, dict):
                yield value
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        level = [value for value in inner if isinstance(value, dict | list)][:_NODES_LIMIT]


def _is_article(node: dict[str, Any]) -> bool:
    return bool(article_type(node))


def _types(node: dict[str, Any]) -> list[str]:
    types = node.get("@type")
    return [
        name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)
    ]
