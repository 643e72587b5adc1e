"""What a page of results shows beside its hits: facets to choose from, what was chosen, where the
next page is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from pipeline.search.facets import Facet

# Facet to what is searched by when one of its values is chosen, and how it is called.
STATEMENT_FACETS: Mapping[str, tuple[str, str]] = {
    "speaker": ("speaker", "Speakers"),
    "about": ("entity", "About"),
    "addressee": ("entity", "Said to"),
    "role": ("role", "Roles"),
    "source": ("source", "Sources"),
    "type": ("type", "Quoted"),
    "kind": ("kind", "Kinds"),
    "language": ("language", "Languages"),
    "country": ("country", "Countries"),
}
ARTICLE_FACETS: Mapping[str, tuple[str, str]] = {
    "person": ("entity", "People"),
    "organisation": ("entity", "Organisations"),
    "place": ("entity", "Places"),
    "speaker": ("speaker", "Quoted"),
    "role": ("role", "Roles"),
    "source": ("source", "Sources"),
    "language": ("language", "Languages"),
    "country": ("country", "Countries"),
}
_NAMES = {
    "text": "words", "entity_type": "kind of entity", "since": "from", "until": "up to",
    "cell": "part of the map", "asserted": "only what was said", "stories": "each story once",
}  # fmt: skip


class Choice(msgspec.Struct, frozen=True):
    """A value of a facet, and where choosing it leads."""

    value: str
    count: int
    url: str


class Choices(msgspec.Struct, frozen=True):
    """A facet. ``other`` hits have values that are not shown."""

    title: str
    values: tuple[Choice, ...]
    other: int


class Chosen(msgspec.Struct, frozen=True):
    """A part of the search, and the search without it."""

    name: str
    value: str
    url: str


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """A search as its page shows it. ``path`` is the page's own address, ``asked`` what is searched
    for."""

    path: str
    asked: dict[str, str]
    chosen: tuple[Chosen, ...]
    export_url: str


def searched(path: str, asked: Mapping[str, Any]) -> Searched:
    """What to show of a search before anything is found."""
    words = {name: _word(value) for name, value in asked.items()}
    return Searched(
        path=path,
        asked=words,
        chosen=tuple(_chosen(path, words, name) for name in words if name != "order"),
        export_url=address(f"/api/v1{path}/export", words),
    )


def choices(
    search: Searched, counted: Mapping[str, Facet], facets: Mapping[str, tuple[str, str]]
) -> tuple[Choices, ...]:
    """The facets with something to choose, of those that have a title in ``facets``."""
    every = (
        _choices(search.path, search.asked, facet, *facets[name])
        for name, facet in counted.items()
        if name in facets
    )
    return tuple(each for each in every if each.values)


def next_url(search: Searched, cursor: str | None) -> str | None:
    """The page behind this one, None behind the last."""
    return address(search.path, search.asked, after=cursor) if cursor else None


def address(path: str, asked: Mapping[str, str], **changes: str | None) -> str:
    """The page with what is asked for and some ``changes`` to it; None takes one away."""
    changed = {name: value for name, value in {**asked, **changes}.items() if value}
    return f"{path}?{urlencode(changed)}" if changed else path


def _choices(path: str, asked: Mapping[str, str], facet: Facet, name: str, title: str) -> Choices:
    values = (
        Choice(each.value, each.count, address(path, asked, **{name: each.value}))
        for each in facet.values
        if asked.get(name) != each.value
    )
    return Choices(title, tuple(values), facet.other)


def _chosen(path: str, asked: Mapping[str, str], name: str) -> Chosen:
    shown = "" if asked[name] == "true" else asked[name]
    return Chosen(_NAMES.get(name, name), shown, address(path, asked, **{name: None}))


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
