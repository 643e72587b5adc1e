"""Columns of Lens: what a chart groups by, and what it counts in each group.

Each becomes one aggregation of Elasticsearch. Only such are here as the core server has, and none
that needs another's result: no formulas, no moving averages, no last values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.index import fields
from pipeline.kibana.saved_objects import Json

RECORDS = "___records___"
"""Lens's name for the documents themselves."""

KUERY = "kuery"

_SCALES = {"date_histogram": "interval", "terms": "ordinal", "filters": "ordinal"}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column. ``only`` is a KQL query that its documents have to match.

    ``ranked_by`` is, for terms, the place of the metric by which the top ones are chosen, from 0;
    None orders them by name.
    """

    operation: str
    label: str
    field: str = RECORDS
    data_type: str = "number"
    params: Mapping[str, Any] = {}
    only: str = ""
    ranked_by: int | None = None

    @property
    def is_bucketed(self) -> bool:
        """Whether it groups documents, rather than measures a group."""
        return self.operation in _SCALES

    def as_json(self, metric_ids: tuple[str, ...]) -> Json:
        """The column as a layer holds it; ``metric_ids`` are those of the layer's metrics."""
        column: Json = {
            "label": self.label,
            "customLabel": True,
            "dataType": self.data_type,
            "operationType": self.operation,
            "isBucketed": self.is_bucketed,
            "scale": _SCALES.get(self.operation, "ratio"),
            "params": {**self.params, **self._order(metric_ids)},
        }
        if self.operation != "filters":
            column["sourceField"] = self.field
        if self.only:
            column["filter"] = {"query": self.only, "language": KUERY}
        return column

    def _order(self, metric_ids: tuple[str, ...]) -> Json:
        if self.operation != "terms":
            return {}
        if self.ranked_by is None:
            by_name = {"type": "alphabetical", "fallback": False}
            return {"orderBy": by_name, "orderDirection": "asc"}
        by_metric = {"type": "column", "columnId": metric_ids[self.ranked_by]}
        return {"orderBy": by_metric, "orderDirection": "desc"}


def records(label: str, only: str = "") -> Column:
    """How many documents."""
    return Column(operation="count", label=label, params={"emptyAsNull": False}, only=only)


def distinct(field: str, label: str, only: str = "") -> Column:
    """How many different values, about."""
    return _metric("unique_count", field, label, only)


def total(field: str, label: str, only: str = "") -> Column:
    """The sum of a number."""
    return _metric("sum", field, label, only)


def average(field: str, label: str, only: str = "") -> Column:
    """The mean of a number."""
    return _metric("average", field, label, only)


def median(field: str, label: str, only: str = "") -> Column:
    """The number that half of the documents stay under."""
    return _metric("median", field, label, only)


def percentile(field: str, percent: int, label: str, only: str = "") -> Column:
    """The number that so many percent of the documents stay under."""
    params = {"percentile": percent}
    return Column(operation="percentile", field=field, label=label, params=params, only=only)


def highest(field: str, label: str, only: str = "") -> Column:
    """The largest value of a number."""
    return _metric("max", field, label, only)


def latest(field: str, label: str, only: str = "") -> Column:
    """The last value of a date."""
    return msgspec.structs.replace(_metric("max", field, label, only), data_type="date")


def as_duration(seconds: Column) -> Column:
    """The same column, written as days, hours or minutes."""
    units = {"decimals": 1, "fromUnit": "seconds", "toUnit": "humanizePrecise"}
    written = {**seconds.params, "format": {"id": "duration", "params": units}}
    return msgspec.structs.replace(seconds, params=written)


def _metric(operation: str, field: str, label: str, only: str) -> Column:
    params = {"emptyAsNull": operation not in {"max", "average", "median"}}
    return Column(operation=operation, field=field, label=label, params=params, only=only)


def over_time(field: str = fields.TIMESTAMP, label: str = "Time") -> Column:
    """Equal stretches of time, as long as suit the time range that is shown."""
    params = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
    return Column(
        operation="date_histogram", field=field, label=label, data_type="date", params=params
    )


def top(
    field: str,
    size: int,
    label: str,
    *,
    others: bool = False,
    ranked_by: int | None = 0,
    data_type: str = "string",
) -> Column:
    """The first ``size`` values; with ``others`` one more group for what is left."""
    params = {
        "size": size,
        "otherBucket": others,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
        "include": [],
        "exclude": [],
        "includeIsRegex": False,
        "excludeIsRegex": False,
    }
    return Column(
        operation="terms",
        field=field,
        label=label,
        data_type=data_type,
        params=params,
        ranked_by=ranked_by,
    )


def groups(label: str, queries: Mapping[str, str]) -> Column:
    """One group for each label, of the documents that its KQL query finds."""
    filters = [
        {"label": name, "input": {"query": query, "language": KUERY}}
        for name, query in queries.items()
    ]
    return Column(operation="filters", label=label, data_type="string", params={"filters": filters})
