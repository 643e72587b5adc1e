"""The imported file as its reader sees it: what Kibana would ask Elasticsearch for.

Everything is read from the NDJSON, not from the code that made it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline import kibana
from pipeline.index import templates
from pipeline.kibana.views import views
from pipeline.settings import IndexSettings

Json = dict[str, Any]

BUCKETED = ("date_histogram", "terms", "filters")


@dataclass(frozen=True)
class Use:
    """A field that something refers to: where, for what, and in which data view."""

    where: str
    operation: str
    field: str
    view: str
    data_type: str = ""


@dataclass(frozen=True)
class Layer:
    """A Lens panel's layer."""

    where: str
    view: str
    only: str
    columns: Mapping[str, Json]
    order: list[str]
    state: Json = field(repr=False)

    def buckets(self) -> list[str]:
        return [name for name in self.order if self.columns[name]["isBucketed"]]

    def metrics(self) -> list[str]:
        return [name for name in self.order if not self.columns[name]["isBucketed"]]


def objects(settings: IndexSettings) -> list[Json]:
    return [json.loads(line) for line in kibana.ndjson(settings).splitlines()]


def of_type(found: list[Json], kind: str) -> list[Json]:
    return [each for each in found if each["type"] == kind]


def panels(dashboard: Json) -> list[Json]:
    found: list[Json] = json.loads(dashboard["attributes"]["panelsJSON"])
    return found


def layers(found: list[Json]) -> Iterator[Layer]:
    """The layer of each Lens panel of each dashboard."""
    for dashboard in of_type(found, "dashboard"):
        for panel in panels(dashboard):
            if panel["type"] == "lens":
                yield _layer(dashboard, panel)


def _layer(dashboard: Json, panel: Json) -> Layer:
    attributes = panel["embeddableConfig"]["attributes"]
    state = attributes["state"]
    ((name, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
    (view,) = (
        each["id"]
        for each in dashboard["references"]
        if each["name"] == f"{panel['panelIndex']}:indexpattern-datasource-layer-{name}"
    )
    return Layer(
        where=f"{dashboard['attributes']['title']} / {attributes['title']}",
        view=view,
        only=state["query"]["query"],
        columns=layer["columns"],
        order=layer["columnOrder"],
        state=state,
    )


def uses(found: list[Json]) -> list[Use]:
    """Every field that anything refers to."""
    every = (_lens_uses, _control_uses, _search_uses, _map_uses, _view_uses)
    return [use for each in every for use in each(found)]


def _lens_uses(found: list[Json]) -> Iterator[Use]:
    for layer in layers(found):
        yield from _query_uses(layer.where, layer.only, layer.view)
        for column in layer.columns.values():
            yield from _column_uses(layer, column)


def _column_uses(layer: Layer, column: Json) -> Iterator[Use]:
    source = column.get("sourceField", RECORDS)
    if source != RECORDS:
        yield Use(layer.where, column["operationType"], source, layer.view, column["dataType"])
    queries = [each["input"]["query"] for each in column["params"].get("filters", ())]
    for query in (column.get("filter", {}).get("query", ""), *queries):
        yield from _query_uses(layer.where, query, layer.view)


RECORDS = "___records___"


def _query_uses(where: str, query: str, view: str) -> Iterator[Use]:
    for name, value in _terms(query):
        yield Use(where, "exists" if value == "*" else "equals", name, view)


def _control_uses(found: list[Json]) -> Iterator[Use]:
    for dashboard in of_type(found, "dashboard"):
        named = {each["name"]: each["id"] for each in dashboard["references"]}
        for name, control in controls(dashboard).items():
            view = named[f"controlGroup_{name}:optionsListDataView"]
            where = f"{dashboard['attributes']['title']} / {name}"
            yield Use(where, "control", control["explicitInput"]["fieldName"], view)


def controls(dashboard: Json) -> dict[str, Json]:
    found: dict[str, Json] = json.loads(dashboard["attributes"]["controlGroupInput"]["panelsJSON"])
    return found


def _search_uses(found: list[Json]) -> Iterator[Use]:
    for search in of_type(found, "search"):
        view = search["references"][0]["id"]
        attributes = search["attributes"]
        for column in attributes["columns"]:
            yield Use(attributes["title"], "show", column, view)
        for column, _ in attributes["sort"]:
            yield Use(attributes["title"], "sort", column, view)


def map_sources(map_: Json) -> Iterator[tuple[Json, str]]:
    """The source of each layer that asks Elasticsearch, with its data view."""
    named = {each["name"]: each["id"] for each in map_["references"]}
    for layer in json.loads(map_["attributes"]["layerListJSON"]):
        source = layer["sourceDescriptor"]
        if "indexPatternRefName" in source:
            yield source, named[source["indexPatternRefName"]]


def _map_uses(found: list[Json]) -> Iterator[Use]:
    for map_ in of_type(found, "map"):
        title = map_["attributes"]["title"]
        for source, view in map_sources(map_):
            yield Use(title, "geo", source["geoField"], view)
            for shown in source.get("tooltipProperties", ()):
                yield Use(title, "show", shown, view)
            for metric in source.get("metrics", ()):
                assert metric["type"] == "count", "only counts are known here"


def _view_uses(found: list[Json]) -> Iterator[Use]:
    for view in of_type(found, "index-pattern"):
        attributes = view["attributes"]
        yield Use(attributes["name"], "date_histogram", attributes["timeFieldName"], view["id"])


def mappings(settings: IndexSettings) -> dict[str, templates.Mappings]:
    """The fields behind each data view, by its id."""
    found = views(settings)
    return {
        found.articles.id: templates.ARTICLES,
        found.statements.id: templates.STATEMENTS,
        found.health.id: templates.HEALTH,
    }


# What Lens makes of its columns, as far as these dashboards go.


def request(layer: Layer) -> Json:
    """The search that answers a panel; the group of all others is a second one, and left out."""
    return {
        "size": 0,
        "track_total_hits": True,
        "query": query(layer.only),
        "aggs": _aggregations(layer, layer.buckets()),
    }


def _aggregations(layer: Layer, buckets: list[str]) -> Json:
    if not buckets:
        return {
            name: each
            for name in layer.metrics()
            for each in (_metric(layer.columns[name]),)
            if each is not None
        }
    first, *rest = buckets
    below = _aggregations(layer, rest)
    column = layer.columns[first]
    order = column["params"].get("orderBy", {})
    ranking = order.get("columnId")
    if rest and ranking is not None:
        own = _metric(layer.columns[ranking])
        below = below | ({ranking: own} if own is not None else {})
    aggregation = _bucket(layer, column)
    return {first: aggregation | ({"aggs": below} if below else {})}


def _bucket(layer: Layer, column: Json) -> Json:
    source, params = column.get("sourceField"), column["params"]
    if column["operationType"] == "date_histogram":
        return {"date_histogram": {"field": source, "fixed_interval": "12h", "min_doc_count": 1}}
    if column["operationType"] == "filters":
        named = {each["label"]: query(each["input"]["query"]) for each in params["filters"]}
        return {"filters": {"filters": named}}
    return {
        "terms": {"field": source, "size": params["size"], "order": _order(layer, params)},
    }


def _order(layer: Layer, params: Json) -> Json:
    ranking = params["orderBy"].get("columnId")
    if ranking is None:
        return {"_key": params["orderDirection"]}
    column = layer.columns[ranking]
    plain = column["operationType"] == "count" and "filter" not in column
    key = "_count" if plain else ranking + ("" if "filter" not in column else ">metric")
    if column["operationType"] == "median":
        key += ".50"
    return {key: params["orderDirection"]}


def _metric(column: Json) -> Json | None:
    """None where the count of the group itself is meant."""
    inner = _measure(column)
    if "filter" not in column:
        return inner
    aggs = {"aggs": {"metric": inner}} if inner is not None else {}
    return {"filter": query(column["filter"]["query"])} | aggs


def _measure(column: Json) -> Json | None:
    operation, source = column["operationType"], column["sourceField"]
    if operation == "count":
        return None if source == RECORDS else {"value_count": {"field": source}}
    if operation in {"median", "percentile"}:
        percent = column["params"].get("percentile", 50)
        return {"percentiles": {"field": source, "percents": [percent]}}
    names = {"unique_count": "cardinality", "average": "avg", "sum": "sum", "max": "max"}
    return {names[operation]: {"field": source}}


_TERM = re.compile(r'(not )?([\w@.]+): (\*|true|false|"(?:[^"\\]|\\.)*")')


def _terms(text: str) -> list[tuple[str, str]]:
    return [(found[2], found[3]) for found in _TERM.finditer(text)]


def query(text: str) -> Json:
    """KQL as far as it is used: terms, joined by ``and``, some with ``not``."""
    if not text:
        return {"match_all": {}}
    clauses: dict[str, list[Json]] = {"filter": [], "must_not": []}
    for part in text.split(" and "):
        found = _TERM.fullmatch(part)
        assert found, f"not understood: {part}"
        clauses["must_not" if found[1] else "filter"].append(_clause(found[2], found[3]))
    return {"bool": clauses}


def _clause(name: str, value: str) -> Json:
    if value == "*":
        return {"exists": {"field": name}}
    return {"term": {name: json.loads(value)}}


def map_request(source: Json) -> Json:
    """What a layer of a map asks."""
    point = source["geoField"]
    if source["type"] == "ES_SEARCH":
        fields = [point, *source["tooltipProperties"]]
        return {"size": 10, "query": query(f"{point}: *"), "_source": False, "fields": fields}
    cells = {"geotile_grid": {"field": point, "precision": 8}}
    centre = {"gridCentroid": {"geo_centroid": {"field": point}}}
    return {"size": 0, "aggs": {"gridSplit": cells | {"aggs": centre}}}
