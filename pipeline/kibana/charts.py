"""Charts of Lens, each with its one layer of columns (form based: Elasticsearch's query language).

No state version is written: Kibana reads such a chart as one of the first 8, and migrates it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from pipeline.kibana.columns import KUERY, Column
from pipeline.kibana.saved_objects import Json, Reference
from pipeline.kibana.views import DataView

LAYER = "layer-1"

Series = Literal["bar_stacked", "bar_percentage_stacked", "bar_horizontal", "line", "area_stacked"]

_CATEGORICAL: Json = {
    "assignments": [],
    "specialAssignments": [
        {"rules": [{"type": "other"}], "color": {"type": "loop"}, "touched": False}
    ],
    "paletteId": "default",
    "colorMode": {"type": "categorical"},
}


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart by value. ``only`` is a KQL query that all its documents have to match."""

    title: str
    kind: str
    view: DataView
    buckets: tuple[Column, ...] = ()
    metrics: tuple[Column, ...]
    visualization: Mapping[str, Any]
    only: str = ""

    def references(self) -> tuple[Reference, ...]:
        """The data view of the layer, under the name by which Lens looks for it."""
        name = f"indexpattern-datasource-layer-{LAYER}"
        return (Reference("index-pattern", self.view.id, name),)

    def attributes(self) -> Json:
        """What a Lens object holds."""
        return {
            "title": self.title,
            "description": "",
            "type": "lens",
            "visualizationType": self.kind,
            "references": self.references(),
            "state": {
                "visualization": self.visualization,
                "query": {"query": self.only, "language": KUERY},
                "filters": [],
                "datasourceStates": {"formBased": {"layers": {LAYER: self._layer()}}},
                "internalReferences": [],
                "adHocDataViews": {},
            },
        }

    def _layer(self) -> Json:
        metric_ids = _ids("metric", self.metrics)
        bucket_ids = _ids("bucket", self.buckets)
        named = zip((*bucket_ids, *metric_ids), (*self.buckets, *self.metrics), strict=True)
        return {
            "columns": {name: column.as_json(metric_ids) for name, column in named},
            # Buckets in this order become aggregations one inside the other.
            "columnOrder": [*bucket_ids, *metric_ids],
            "sampling": 1,
            "ignoreGlobalFilters": False,
            "incompleteColumns": {},
        }


def _ids(role: str, columns: tuple[Column, ...]) -> tuple[str, ...]:
    return tuple(f"{role}-{number}" for number in range(1, len(columns) + 1))


def number(title: str, view: DataView, metric: Column, *, only: str = "") -> Chart:
    """One number."""
    state = {"layerId": LAYER, "layerType": "data", "metricAccessor": "metric-1"}
    return Chart(
        title=title, kind="lnsMetric", view=view, metrics=(metric,), visualization=state, only=only
    )


def lines_or_bars(
    title: str,
    view: DataView,
    along: Column,
    *metrics: Column,
    series: Series,
    split: Column | None = None,
    only: str = "",
) -> Chart:
    """Metrics along a time or a list of values, split by another where one is given."""
    # The split comes first: its top values are those of the whole time, not of each stretch.
    buckets = (along,) if split is None else (split, along)
    layer: Json = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": f"bucket-{len(buckets)}",
        "accessors": list(_ids("metric", metrics)),
        "position": "top",
        "showGridlines": False,
        "colorMapping": _CATEGORICAL,
    }
    if split is not None:
        layer["splitAccessor"] = "bucket-1"
    several = split is not None or len(metrics) > 1
    return Chart(
        title=title,
        kind="lnsXY",
        view=view,
        buckets=buckets,
        metrics=metrics,
        visualization=_axes(series, layer, has_legend=several),
        only=only,
    )


def _axes(series: Series, layer: Json, *, has_legend: bool) -> Json:
    shown = {"x": True, "yLeft": True, "yRight": True}
    return {
        "preferredSeriesType": series,
        "layers": [layer],
        "legend": {"isVisible": has_legend, "position": "right"},
        "valueLabels": "show" if series == "bar_horizontal" else "hide",
        "fittingFunction": "None",  # a gap is a gap: nothing was written then
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": shown,
        "gridlinesVisibilitySettings": shown,
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        "yLeftExtent": {"mode": "full"},
        "yRightExtent": {"mode": "full"},
    }


def donut(title: str, view: DataView, by: Column, metric: Column, *, only: str = "") -> Chart:
    """Shares of a whole."""
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": ["bucket-1"],
        "metrics": ["metric-1"],
        "numberDisplay": "percent",
        "categoryDisplay": "default",
        "legendDisplay": "show",
        "legendPosition": "right",
        "nestedLegend": False,
        "colorMapping": _CATEGORICAL,
    }
    state = {"shape": "donut", "layers": [layer]}
    return Chart(
        title=title,
        kind="lnsPie",
        view=view,
        buckets=(by,),
        metrics=(metric,),
        visualization=state,
        only=only,
    )


def table(
    title: str,
    view: DataView,
    rows: tuple[Column, ...],
    metrics: tuple[Column, ...],
    *,
    only: str = "",
) -> Chart:
    """One line for each combination of ``rows``, with its metrics."""
    columns = [
        {"columnId": name, "isTransposed": False, "isMetric": is_metric}
        for is_metric, names in (
            (False, _ids("bucket", rows)),
            (True, _ids("metric", metrics)),
        )
        for name in names
    ]
    state = {
        "layerId": LAYER,
        "layerType": "data",
        "columns": columns,
        "paging": {"size": 10, "enabled": True},
    }
    return Chart(
        title=title,
        kind="lnsDatatable",
        view=view,
        buckets=rows,
        metrics=metrics,
        visualization=state,
        only=only,
    )


def heat(
    title: str, view: DataView, down: Column, along: Column, metric: Column, *, only: str = ""
) -> Chart:
    """A metric for each pair of values, as a colour."""
    grid = {
        "type": "heatmap_grid",
        "isCellLabelVisible": False,
        "isXAxisLabelVisible": True,
        "isYAxisLabelVisible": True,
        "isXAxisTitleVisible": False,
        "isYAxisTitleVisible": False,
    }
    state = {
        "shape": "heatmap",
        "layerId": LAYER,
        "layerType": "data",
        "legend": {"isVisible": True, "position": "right", "type": "heatmap_legend"},
        "gridConfig": grid,
        "yAccessor": "bucket-1",
        "xAccessor": "bucket-2",
        "valueAccessor": "metric-1",
    }
    return Chart(
        title=title,
        kind="lnsHeatmap",
        view=view,
        buckets=(down, along),
        metrics=(metric,),
        visualization=state,
        only=only,
    )


def cloud(title: str, view: DataView, of: Column, metric: Column, *, only: str = "") -> Chart:
    """Words, the larger the more of them there are."""
    state = {
        "layerId": LAYER,
        "layerType": "data",
        "tagAccessor": "bucket-1",
        "valueAccessor": "metric-1",
        "maxFontSize": 60,
        "minFontSize": 14,
        "orientation": "single",
        "showLabel": False,
        "colorMapping": _CATEGORICAL,
    }
    return Chart(
        title=title,
        kind="lnsTagcloud",
        view=view,
        buckets=(of,),
        metrics=(metric,),
        visualization=state,
        only=only,
    )
