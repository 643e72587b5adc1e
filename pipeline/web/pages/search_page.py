"""What a page of results shows beside its hits: facets to choose from, what was chosen, where the
next page is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from pipeline.search import Found
from pipeline.search.facets import Facet
from pipeline.web.pages.charts import Column, columns

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


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``path`` is the page's own address, ``asked`` what is searched for."""

    path: str
    asked: dict[str, str]
    chosen: tuple[Chosen, ...]
    facets: tuple[Choices, ...]
    columns: tuple[Column, ...]
    next_url: str | None
    export_url: str


def results(
    path: str,
    asked: Mapping[str, Any],
    found: Found[Any],
    facets: Mapping[str, tuple[str, str]],
) -> Results:
    """What to show beside ``found``."""
    words = {name: _word(value) for name, value in asked.items()}
    choices = (
        _choices(path, words, facet, *facets[name])
        for name, facet in found.facets.items()
        if name in facets
    )
    return Results(
        path=path,
        asked=words,
        chosen=tuple(_chosen(path, words, name) for name in words if name != "order"),
        facets=tuple(each for each in choices if each.values),
        columns=tuple(columns(found.timeline)) if found.timeline else (),
        next_url=address(path, words, after=found.next) if found.next else None,
        export_url=address(f"/api/v1{path}/export", words),
    )


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
