"""How what is found divides: by source, speaker, role, time: aggregations and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

import msgspec

from pipeline.index import fields
from pipeline.search.request import InvalidSearch

FACET_VALUES = 12
"""Values of a facet that are told, the commonest first; the rest is counted together."""

TIMELINE_LIMIT = 120
"""Columns of a timeline."""

ArticleFacet: TypeAlias = Literal[
    "source", "country", "language", "feed", "person", "organisation", "place", "speaker", "role"
]
StatementFacet: TypeAlias = Literal[
    "speaker", "role", "type", "kind", "about", "addressee", "source", "country", "language", "feed"
]

_SHARED = {
    "source": fields.SOURCE,
    "country": fields.SOURCE_COUNTRY,
    "language": fields.LANGUAGE,
    "feed": fields.FEED,
}
ARTICLE_FACETS: Mapping[str, str] = {
    **_SHARED,
    "person": fields.entities_of("PERSON"),
    "organisation": fields.entities_of("ORG"),
    "place": fields.entities_of("GPE"),
    "speaker": fields.SPEAKERS,
    "role": fields.ROLES,
}
STATEMENT_FACETS: Mapping[str, str] = {
    **_SHARED,
    "speaker": fields.SPEAKER,
    "role": fields.SPEAKER_ROLES,
    "type": fields.TYPE,
    "kind": fields.KIND,
    "about": fields.ABOUT,
    "addressee": fields.ADDRESSEE,
}
TIMELINE = "timeline"


Unit: TypeAlias = Literal["hour", "day", "week", "month", "year"]


class Count(msgspec.Struct, frozen=True):
    """How many of what is found have a value."""

    value: str
    count: int


class Facet(msgspec.Struct, frozen=True):
    """The commonest values of a field, and how many further hits have others."""

    values: tuple[Count, ...]
    other: int = 0


class Period(msgspec.Struct, frozen=True):
    """How many were published from ``start`` on, until the next period begins."""

    start: datetime
    count: int


class Timeline(msgspec.Struct, frozen=True):
    """When what is found was published; periods of ``unit``, empty ones included, the earliest
    first."""

    unit: Unit
    periods: tuple[Period, ...]


class Breakdown(msgspec.Struct, frozen=True):
    """What is asked for beside the hits: facets by name, and a timeline of no unit shorter than
    ``timeline``. Hours only suit searches that are bounded in time."""

    facets: tuple[str, ...] = ()
    timeline: Literal["hour", "day"] | None = None


def aggregations(
    asked: Breakdown, known: Mapping[str, str], size: int = FACET_VALUES
) -> dict[str, Any]:
    """What to ask for a breakdown. Raises InvalidSearch for a facet that is not ``known``."""
    unknown = [name for name in asked.facets if name not in known]
    if unknown:
        raise InvalidSearch(f"no facet {unknown[0]}; there are {', '.join(known)}")
    counted: dict[str, Any] = {name: terms(known[name], size) for name in asked.facets}
    return counted | ({TIMELINE: timeline(asked.timeline)} if asked.timeline else {})


def terms(field: str, size: int = FACET_VALUES) -> dict[str, Any]:
    """The commonest values of a field."""
    return {"terms": {"field": field, "size": size}}


def timeline(unit: Literal["hour", "day"]) -> dict[str, Any]:
    """Counts for each unit with any; :func:`read_timeline` makes periods of a fitting length."""
    histogram = {"field": fields.TIMESTAMP, "calendar_interval": unit, "min_doc_count": 1}
    return {"date_histogram": histogram}


def read_facets(answered: Mapping[str, Any], names: Sequence[str]) -> dict[str, Facet]:
    """The facets of those names."""
    return {name: read_facet(answered[name]) for name in names if name in answered}


def read_facet(answered: Mapping[str, Any]) -> Facet:
    """What a terms aggregation answered."""
    counts = tuple(Count(str(each["key"]), each["doc_count"]) for each in answered["buckets"])
    return Facet(counts, answered.get("sum_other_doc_count", 0))


def read_timeline(answered: Mapping[str, Any], unit: Literal["hour", "day"] = "day") -> Timeline:
    """What :func:`timeline` of that unit answered."""
    counts = [(_moment(each["key"]), each["doc_count"]) for each in answered["buckets"]]
    return timeline_of(counts, unit)


def timeline_of(
    counts: Sequence[tuple[datetime, int]], shortest: Literal["hour", "day"] = "day"
) -> Timeline:
    """Counts at moments, in their order, as periods: of the shortest unit, from ``shortest`` on,
    that makes no more than ``TIMELINE_LIMIT`` of them."""
    if not counts:
        return Timeline(shortest, ())
    first, last = counts[0][0], counts[-1][0]
    unit = _fitting(last - first, shortest)
    periods: dict[datetime, int] = dict.fromkeys(_periods(unit, first, last), 0)
    for moment, count in counts:
        periods[_start(unit, moment)] += count
    return Timeline(unit, tuple(Period(start, count) for start, count in periods.items()))


def _fitting(reach: timedelta, shortest: Unit) -> Unit:
    longer = list(_LENGTHS)[list(_LENGTHS).index(shortest) :]
    return next((unit for unit in longer if _LENGTHS[unit] * (TIMELINE_LIMIT - 1) > reach), "year")


_LENGTHS: Mapping[Unit, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=28),
    "year": timedelta(days=365),
}


def _periods(unit: Unit, first: datetime, last: datetime) -> list[datetime]:
    starts = [_start(unit, first)]
    while (following := _next(unit, starts[-1])) <= last:
        starts.append(following)
    return starts


def _start(unit: Unit, moment: datetime) -> datetime:
    if unit == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _next(unit: Unit, start: datetime) -> datetime:
    # Far enough into the next period whatever its length.
    step = timedelta(days=366) if unit == "year" else timedelta(days=31)
    return _start(unit, start + (step if unit in {"month", "year"} else _LENGTHS[unit]))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
