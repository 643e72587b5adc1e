"""What is imported into Kibana speaks of fields, objects and places that exist."""

from __future__ import annotations

import collections
import json
import re
from itertools import combinations
from typing import Any

import pytest
from prometheus_client import Counter

from pipeline import kibana, metrics, resources, settings
from pipeline.health.documents import COUNTS, LAGS, POLLS
from pipeline.index.fields import COUNTER, COUNTER_INCREASE, DATASET, TIMESTAMP, counter_label
from pipeline.kibana.dashboards import GRID_COLUMNS
from pipeline.kibana.saved_objects import TYPE_VERSIONS
from tests import dashboards
from tests.dashboards import Use

COUNTERS = {
    each.describe()[0].name: each._labelnames
    for each in vars(metrics).values()
    if isinstance(each, Counter)
}
INDEX = settings.load().index
OBJECTS = dashboards.objects(INDEX)
MAPPINGS = dashboards.mappings(INDEX)
FILE = resources.root() / "deploy/kibana/news-pipeline.ndjson"
USES = dashboards.uses(OBJECTS)
DASHBOARDS = dashboards.of_type(OBJECTS, "dashboard")
LAYERS = list(dashboards.layers(OBJECTS))

NUMBERS = {"integer", "long", "float"}
VALUES = {"keyword", "boolean"}
FITTING = {
    "terms": VALUES,
    "unique_count": VALUES,
    "control": {"keyword"},
    "equals": VALUES,
    "date_histogram": {"date"},
    "sort": {"date"},
    "max": NUMBERS | {"date"},
    "average": NUMBERS,
    "sum": NUMBERS,
    "median": NUMBERS,
    "percentile": NUMBERS,
    "geo": {"geo_point"},
}
# What Kibana's schemas of these types know; they forbid what they do not know.
ATTRIBUTES = {
    "index-pattern": {
        "title",
        "name",
        "timeFieldName",
        "fields",
        "fieldAttrs",
        "fieldFormatMap",
        "runtimeFieldMap",
        "sourceFilters",
        "typeMeta",
    },
    "search": {
        "title",
        "description",
        "columns",
        "sort",
        "grid",
        "hideChart",
        "isTextBasedQuery",
        "timeRestore",
        "kibanaSavedObjectMeta",
    },
    "map": {"title", "description", "mapStateJSON", "layerListJSON", "uiStateJSON"},
    "dashboard": {
        "title",
        "description",
        "version",
        "timeRestore",
        "timeFrom",
        "timeTo",
        "refreshInterval",
        "optionsJSON",
        "panelsJSON",
        "controlGroupInput",
        "kibanaSavedObjectMeta",
    },
}
LENS_TYPES = {"keyword": "string", "boolean": "boolean", "date": "date"} | dict.fromkeys(
    NUMBERS, "number"
)

in_each_dashboard = pytest.mark.parametrize(
    "dashboard", DASHBOARDS, ids=[each["attributes"]["title"] for each in DASHBOARDS]
)


def mapping_of(use: Use) -> dict[str, Any]:
    found = MAPPINGS[use.view].get(use.field)
    assert found is not None, f"{use.where}: {use.field} is not in the mapping"
    return dict(found)


def test_every_field_is_mapped_and_none_of_them_is_nested() -> None:
    assert len(USES) > 50
    for use in USES:
        assert mapping_of(use)["type"] != "nested", use


def test_the_type_of_every_field_fits_what_is_asked_of_it() -> None:
    for use in USES:
        assert mapping_of(use)["type"] in FITTING.get(use.operation, {mapping_of(use)["type"]}), use


def test_every_field_that_is_counted_or_sorted_by_has_its_values_stored_for_that() -> None:
    for use in USES:
        if use.operation not in {"show", "exists", "equals"}:
            assert mapping_of(use).get("doc_values", True), use


def test_every_field_that_is_searched_is_indexed() -> None:
    for use in USES:
        if use.operation in {"exists", "equals", "geo"}:
            assert mapping_of(use).get("index", True), use


def test_lens_is_told_the_type_that_kibana_sees_in_the_mapping() -> None:
    for use in USES:
        if use.operation in {"terms", "date_histogram", "max"} and use.data_type:
            assert use.data_type == LENS_TYPES[mapping_of(use)["type"]], use


def test_every_reference_leads_to_an_object_that_comes_before_it() -> None:
    known: set[tuple[str, str]] = set()
    for each in OBJECTS:
        for reference in each["references"]:
            assert (reference["type"], reference["id"]) in known, (each["id"], reference)
        known.add((each["type"], each["id"]))


def test_no_two_objects_or_references_have_the_same_name() -> None:
    names = collections.Counter((each["type"], each["id"]) for each in OBJECTS)
    titles = collections.Counter((each["type"], each["attributes"]["title"]) for each in OBJECTS)
    assert max(names.values()) == max(titles.values()) == 1
    for each in OBJECTS:
        references = collections.Counter(reference["name"] for reference in each["references"])
        assert not references or max(references.values()) == 1, each["id"]


@in_each_dashboard
def test_every_panel_that_refers_to_an_object_has_its_reference(dashboard: dict[str, Any]) -> None:
    named = {each["name"]: each["type"] for each in dashboard["references"]}
    for panel in dashboards.panels(dashboard):
        if panel["type"] in {"search", "map"}:
            name = f"{panel['panelIndex']}:{panel['panelRefName']}"
            assert named[name] == panel["type"]


@in_each_dashboard
def test_panels_fill_the_width_and_none_overlaps_another(dashboard: dict[str, Any]) -> None:
    places = [panel["gridData"] for panel in dashboards.panels(dashboard)]
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one["i"], other["i"])
    for top in {place["y"] for place in places}:
        assert sum(place["w"] for place in places if place["y"] == top) == GRID_COLUMNS


@in_each_dashboard
def test_panels_have_different_ids(dashboard: dict[str, Any]) -> None:
    found = dashboards.panels(dashboard)
    ids = [panel["panelIndex"] for panel in found]
    assert len(set(ids)) == len(ids)
    assert ids == [panel["gridData"]["i"] for panel in found]


@in_each_dashboard
def test_every_dashboard_links_to_every_other(dashboard: dict[str, Any]) -> None:
    (text,) = (
        panel["embeddableConfig"]["savedVis"]["params"]["markdown"]
        for panel in dashboards.panels(dashboard)
        if panel["type"] == "visualization"
    )
    for other in DASHBOARDS:
        assert (f"(#/view/{other['id']})" in text) == (other is not dashboard)


@pytest.mark.parametrize("layer", LAYERS, ids=[layer.where for layer in LAYERS])
def test_a_chart_speaks_of_its_own_columns_and_shows_all_of_them(layer: dashboards.Layer) -> None:
    shown = {
        name
        for name in _strings(layer.state["visualization"])
        if name.startswith(("bucket-", "metric-"))
    }
    assert shown == set(layer.columns) == set(layer.order)
    ranked = {
        column["params"]["orderBy"]["columnId"]
        for column in layer.columns.values()
        if column["params"].get("orderBy", {}).get("type") == "column"
    }
    assert ranked <= set(layer.metrics())


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _strings(part)]


def test_only_elasticsearchs_query_language_is_used_and_no_script() -> None:
    text = kibana.ndjson(INDEX).decode()
    for word in ("esql", "painless", '"script', "scripted", "textBased"):
        assert word not in text
    for view in dashboards.of_type(OBJECTS, "index-pattern"):
        assert view["attributes"]["runtimeFieldMap"] == "{}"


def test_every_object_names_the_version_it_is_written_in() -> None:
    for each in OBJECTS:
        assert each["coreMigrationVersion"] == "8.8.0"
        assert each["typeMigrationVersion"] == TYPE_VERSIONS[each["type"]]


def test_no_object_has_an_attribute_that_kibanas_schemas_forbid() -> None:
    for each in OBJECTS:
        assert each["attributes"].keys() <= ATTRIBUTES[each["type"]], each["id"]


def test_the_names_of_the_indices_come_from_the_settings() -> None:
    names = {"articles": "press", "statements": "quotes", "health": "state"}
    other = INDEX.model_copy(update=names)
    found = dashboards.of_type(dashboards.objects(other), "index-pattern")
    assert [each["attributes"]["title"] for each in found] == list(names.values())
    assert [each["id"] for each in OBJECTS] == [each["id"] for each in dashboards.objects(other)]


def test_the_same_settings_give_the_same_file() -> None:
    assert kibana.ndjson(INDEX) == kibana.ndjson(settings.load().index)


def test_the_file_in_deploy_is_what_the_code_makes() -> None:
    assert FILE.read_bytes() == kibana.ndjson(INDEX), (
        f"write it anew with: pipeline kibana export deploy/kibana/{FILE.name}"
    )


def test_json_within_json_can_be_read() -> None:
    for each in OBJECTS:
        for name, value in each["attributes"].items():
            if name.endswith("JSON"):
                json.loads(value)


def test_what_the_charts_say_of_data_sets_and_counters_exists() -> None:
    """A chart of a counter that is gone would stay empty for ever, and say nothing."""
    values = {DATASET: {POLLS, LAGS, COUNTS}, COUNTER: set(COUNTERS)}
    text = " ".join(layer.only for layer in LAYERS)
    for field, known in values.items():
        named = set(re.findall(rf'{re.escape(field)}: "([^"]*)"', text))
        assert named, field
        assert named <= known, field


def test_charts_of_a_counter_split_it_by_a_label_it_has() -> None:
    for layer in LAYERS:
        counters = re.findall(rf'{re.escape(COUNTER)}: "([^"]*)"', layer.only)
        for counter in counters:
            own = {counter_label(label) for label in COUNTERS[counter]} | {COUNTER_INCREASE}
            used = {column.get("sourceField") for column in layer.columns.values()}
            used |= {
                use.field for use in USES if use.where == layer.where and use.operation == "equals"
            }
            assert used - {TIMESTAMP, DATASET, COUNTER, None} <= own, layer.where
