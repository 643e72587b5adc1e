"""Numbers as shapes of an SVG: columns over time, circles on a map. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import sqrt

import msgspec

from pipeline.search.facets import Timeline
from pipeline.search.places import PlaceCount
from pipeline.web.pages.words import period_name

WIDTH, HEIGHT = 720, 120
"""Of a chart over time, in the units of its view box."""

MAP_WIDTH, MAP_HEIGHT = 720, 300
"""Of the map: equirectangular, two units a degree, down to 60° south."""

_SMALLEST, _LARGEST = 2.5, 22.0  # radii
_GAP = 0.15  # of a column's width


class Column(msgspec.Struct, frozen=True):
    """One period: a rectangle, and what it says."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int
    since: str
    until: str


class Circle(msgspec.Struct, frozen=True):
    """One cell of the map."""

    x: float
    y: float
    radius: float
    articles: int
    cell: str


def columns(timeline: Timeline) -> list[Column]:
    """The periods, the highest column as high as the chart; days as they stand in an address."""
    most = max((period.count for period in timeline.periods), default=0)
    if not most:
        return []
    step = WIDTH / len(timeline.periods)
    starts = [period.start for period in timeline.periods]
    ends = [*starts[1:], None]
    found = []
    for number, (period, end) in enumerate(zip(timeline.periods, ends, strict=True)):
        height = round(HEIGHT * period.count / most, 1)
        found.append(
            Column(
                x=round(number * step + step * _GAP / 2, 2),
                y=HEIGHT - height,
                width=round(step * (1 - _GAP), 2),
                height=height,
                label=period_name(period.start, timeline.unit),
                count=period.count,
                since=_moment(period.start),
                until=_moment(end) if end else "",
            )
        )
    return found


def circles(places: Sequence[PlaceCount]) -> list[Circle]:
    """The cells, their areas as their numbers, the largest drawn first."""
    most = max((place.articles for place in places), default=1)
    return [
        Circle(
            x=round((place.lon + 180) * 2, 1),
            y=round((90 - place.lat) * 2, 1),
            radius=round(max(_SMALLEST, _LARGEST * sqrt(place.articles / most)), 1),
            articles=place.articles,
            cell=place.cell,
        )
        for place in sorted(places, key=lambda each: -each.articles)
    ]


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%MZ")
