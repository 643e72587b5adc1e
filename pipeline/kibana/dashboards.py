"""Dashboards: rows of panels on Kibana's grid of 48 columns, and the controls above them."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any

import msgspec

from pipeline.kibana.charts import Chart
from pipeline.kibana.maps import Map
from pipeline.kibana.saved_objects import NO_SEARCH, Json, Reference, SavedObject, stringified
from pipeline.kibana.searches import Search
from pipeline.kibana.views import DataView

GRID_COLUMNS = 48


class Text(msgspec.Struct, frozen=True):
    """Markdown. It has a title for its id alone."""

    title: str
    markdown: str

    def config(self) -> Json:
        """A visualisation by value, as Kibana has kept text since version 7."""
        vis = {
            "id": "",
            "title": "",
            "description": "",
            "type": "markdown",
            "params": {"fontSize": 12, "openLinksInNewTab": False, "markdown": self.markdown},
            "uiState": {},
            "data": {"aggs": [], "searchSource": NO_SEARCH},
        }
        return {"savedVis": vis, "hidePanelTitles": True, "enhancements": {}}


Content = Chart | Map | Search | Text


class Row(msgspec.Struct, frozen=True):
    """Panels beside each other. Widths are in grid columns and add up to the whole width; a height
    unit is about 20 pixels."""

    height: int
    panels: tuple[tuple[int, Content], ...]


def beside(height: int, *contents: Content) -> Row:
    """Panels of the same width."""
    return Row(height, tuple((GRID_COLUMNS // len(contents), each) for each in contents))


class Control(msgspec.Struct, frozen=True):
    """A list of values above the panels; what is chosen in it filters them all."""

    field: str
    title: str
    view: DataView


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard. ``since`` is where its time range begins when it is opened: ``now-7d``."""

    id: str
    title: str
    description: str
    since: str
    rows: tuple[Row, ...]
    controls: tuple[Control, ...] = ()

    def saved_object(self) -> SavedObject:
        """The dashboard. Charts and text are part of it, searches and maps it refers to."""
        panels = [
            _panel(content, {"x": x, "y": y, "w": width, "h": height})
            for content, x, y, width, height in self._placed()
        ]
        attributes = {
            "title": self.title,
            "description": self.description,
            "version": 1,
            "timeRestore": True,
            "timeFrom": self.since,
            "timeTo": "now",
            "refreshInterval": {"pause": True, "value": 60_000},
            "optionsJSON": stringified(_OPTIONS),
            "panelsJSON": stringified(panels),
            "controlGroupInput": self._control_group(),
            "kibanaSavedObjectMeta": {"searchSourceJSON": stringified(NO_SEARCH)},
        }
        return SavedObject(
            type="dashboard", id=self.id, attributes=attributes, references=self._references()
        )

    def contents(self) -> tuple[Content, ...]:
        """What its panels show, from the top left on."""
        return tuple(content for row in self.rows for _, content in row.panels)

    def _placed(self) -> list[tuple[Content, int, int, int, int]]:
        tops = accumulate((row.height for row in self.rows), initial=0)
        return [
            (content, left, top, width, row.height)
            for top, row in zip(tops, self.rows, strict=False)
            for left, (width, content) in zip(
                accumulate((width for width, _ in row.panels), initial=0), row.panels, strict=False
            )
        ]

    def _references(self) -> tuple[Reference, ...]:
        panels = [
            msgspec.structs.replace(each, name=f"{panel_id(content)}:{each.name}")
            for content in self.contents()
            for each in _panel_references(content)
        ]
        controls = [
            Reference("index-pattern", each.view.id, f"controlGroup_{name}:optionsListDataView")
            for name, each in self._named_controls()
        ]
        return (*panels, *controls)

    def _named_controls(self) -> list[tuple[str, Control]]:
        return [(f"control-{slug(each.title)}", each) for each in self.controls]

    def _control_group(self) -> Json:
        """Kibana 9.4 and later keep this elsewhere, and read it from here."""
        panels = {
            name: _control(name, each, order)
            for order, (name, each) in enumerate(self._named_controls())
        }
        heeded = ("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations")
        return {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "showApplySelections": False,
            "ignoreParentSettingsJSON": stringified(dict.fromkeys(heeded, False)),
            "panelsJSON": stringified(panels),
        }


_OPTIONS: Json = {
    "useMargins": True,
    "syncColors": True,
    "syncCursor": True,
    "syncTooltips": False,
    "hidePanelTitles": False,
}


def slug(title: str) -> str:
    """A title as a part of an id: lowercase words with hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def panel_id(content: Content) -> str:
    """The id of a panel in its dashboard: titles are different there."""
    return slug(content.title)


def _panel(content: Content, place: dict[str, int]) -> Json:
    name = panel_id(content)
    panel: Json = {
        "panelIndex": name,
        "gridData": {**place, "i": name},
        "type": _PANEL_TYPES[type(content)],
        "embeddableConfig": _config(content),
    }
    if isinstance(content, Map | Search):
        panel["panelRefName"] = f"panel_{name}"
    return panel


_PANEL_TYPES: dict[type[Any], str] = {
    Chart: "lens",
    Map: "map",
    Search: "search",
    Text: "visualization",
}


def _config(content: Content) -> Json:
    if isinstance(content, Text):
        return content.config()
    if isinstance(content, Chart):
        attributes = content.attributes()
        # A single number says itself what it is.
        hides_title = content.kind == "lnsMetric"
        return {
            "attributes": attributes,
            "title": content.title,
            "hidePanelTitles": hides_title,
            "enhancements": {},
        }
    return {"title": content.title, "enhancements": {}}


def _panel_references(content: Content) -> tuple[Reference, ...]:
    if isinstance(content, Chart):
        return content.references()
    if isinstance(content, Map | Search):
        return (Reference(_PANEL_TYPES[type(content)], content.id, f"panel_{panel_id(content)}"),)
    return ()


def _control(name: str, control: Control, order: int) -> Json:
    return {
        "type": "optionsListControl",
        "order": order,
        "grow": True,
        "width": "medium",
        "explicitInput": {
            "id": name,
            "title": control.title,
            "fieldName": control.field,
            "searchTechnique": "wildcard",
            "selectedOptions": [],
            "sort": {"by": "_count", "direction": "desc"},
            "enhancements": {},
        },
    }
