"""Where the articles of a search take place: counts on a grid over the world."""

from __future__ import annotations

from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.search.asking import ask
from pipeline.search.queries import articles_query
from pipeline.search.request import MAX_ZOOM, InvalidSearch, SearchRequest
from pipeline.settings import IndexSettings

CELLS = 500


class PlaceCount(msgspec.Struct, frozen=True):
    """Articles that name places within a cell of the grid. ``cell`` is its zoom/x/y; the
    coordinates are the centre of what was named there, in degrees."""

    cell: str
    lat: float
    lon: float
    articles: int


async def count_places(
    client: AsyncElasticsearch, settings: IndexSettings, request: SearchRequest, zoom: int
) -> list[PlaceCount]:
    """Cells of a map at ``zoom`` (0: the world is one, each step quarters them), the fullest first
    and at most ``CELLS``. An article with places in several cells counts in each."""
    answer = await ask(client, settings.articles, places_body(request, zoom))
    counted = answer.get("aggregations")  # there are none where there is no index
    return [_place(bucket) for bucket in counted["cells"]["buckets"]] if counted else []


def places_body(request: SearchRequest, zoom: int) -> dict[str, Any]:
    """What to ask for. Raises InvalidSearch for a zoom that is out of bounds."""
    if not 0 <= zoom <= MAX_ZOOM:
        raise InvalidSearch(f"zoom is not between 0 and {MAX_ZOOM}")
    grid = {"field": fields.LOCATIONS, "precision": zoom, "size": CELLS}
    centre = {"geo_centroid": {"field": fields.LOCATIONS}}
    return {
        "query": articles_query(request),
        "size": 0,
        "aggs": {"cells": {"geotile_grid": grid, "aggs": {"centre": centre}}},
    }


def _place(bucket: dict[str, Any]) -> PlaceCount:
    centre = bucket["centre"]["location"]
    return PlaceCount(bucket["key"], centre["lat"], centre["lon"], bucket["doc_count"])
