"""What a request narrows a search to, as Elasticsearch filters: pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import atan, degrees, pi, sinh
from typing import Any

from pipeline.index import fields
from pipeline.search.request import Cell, SearchRequest, parse_cell

Query = dict[str, Any]


def article_filters(request: SearchRequest) -> list[Query]:
    """Articles that mention the entity, quote the speaker, give the role."""
    return [
        *_shared(request),
        *_maybe(request.speaker, lambda name: named(name, fields.SPEAKERS_FORMS)),
        *_maybe(request.entity, lambda name: named(name, fields.ENTITY_FORMS)),
        *_maybe(request.role, lambda role: named(role, fields.words(fields.ROLES))),
        *_maybe(request.entity_type, lambda label: exists(fields.entities_of(label))),
        *_maybe(request.cell, lambda cell: within(parse_cell(cell))),
    ]


def statement_filters(request: SearchRequest) -> list[Query]:
    """Statements of the speaker; ``entity`` is whom they are about or addressed to."""
    concerned = fields.ABOUT_FORMS, fields.ADDRESSEE_FORMS
    return [
        *_shared(request),
        *_maybe(request.speaker, lambda name: named(name, fields.SPEAKER_FORMS)),
        *_maybe(request.entity, lambda name: named(name, *concerned)),
        *_maybe(request.role, lambda role: named(role, fields.words(fields.SPEAKER_ROLES))),
        *_maybe(request.entity_type, lambda label: term(fields.SPEAKER_TYPE, label)),
        *_maybe(request.type, lambda type_: term(fields.TYPE, type_)),
        *_maybe(request.kind, lambda kind: term(fields.KIND, kind)),
        *(ASSERTED if request.asserted else ()),
    ]


def term(field: str, value: str | bool) -> Query:
    """Exactly this value."""
    return {"term": {field: value}}


def exists(field: str) -> Query:
    """Any value."""
    return {"exists": {"field": field}}


def any_of(*queries: Query) -> Query:
    """At least one of the queries."""
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def named(name: str, *forms: str) -> Query:
    """The words of ``name``, one after the other, in one of the forms of a name."""
    return any_of(*({"match_phrase": {field: name}} for field in forms))


def between(since: datetime | None, until: datetime | None) -> Query:
    """Published from ``since`` on and before ``until``."""
    bounds = {"gte": since, "lt": until}
    return {
        "range": {
            fields.TIMESTAMP: {
                bound: time.astimezone(UTC).isoformat(timespec="milliseconds")
                for bound, time in bounds.items()
                if time is not None
            }
        }
    }


def within(cell: Cell) -> Query:
    """A place that is named lies in the cell. Source: the tiles of OpenStreetMap's slippy map."""
    cells = 2**cell.zoom
    box = {
        "top": _latitude(cell.y, cells),
        "bottom": _latitude(cell.y + 1, cells),
        "left": cell.x / cells * 360 - 180,
        "right": (cell.x + 1) / cells * 360 - 180,
    }
    return {"geo_bounding_box": {fields.LOCATIONS: box}}


def _latitude(y: int, cells: int) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * y / cells))))


ASSERTED = (term(fields.NEGATED, False), term(fields.HYPOTHETICAL, False))
"""What somebody is told to have said."""


def _shared(request: SearchRequest) -> list[Query]:
    return [
        *_maybe(request.source, _source),
        *_maybe(request.country, lambda code: term(fields.SOURCE_COUNTRY, code.upper())),
        *_maybe(request.language, lambda code: term(fields.LANGUAGE, code.lower())),
        *_maybe(request.story, lambda story: term(fields.STORY, story)),
        *_maybe(request.feed, lambda feed: term(fields.FEED, feed)),
        *([between(request.since, request.until)] if request.since or request.until else []),
    ]


def _maybe(value: str | None, query: Callable[[str], Query]) -> list[Query]:
    return [query(value)] if value else []


def _source(name: str) -> Query:
    return any_of(
        term(fields.folded(fields.SOURCE), name), term(fields.SOURCE_DOMAIN, name.lower())
    )
