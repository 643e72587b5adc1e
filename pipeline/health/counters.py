"""What was counted between two moments, read from the process's own Prometheus counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from prometheus_client.metrics_core import Metric

PREFIX = "news_"
_TOTAL = "_total"

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A counter by its name, and the labels of one of its series."""


class Increase(msgspec.Struct, frozen=True):
    """By how much a series grew."""

    counter: str
    labels: Mapping[str, str]
    by: int


def totals(metrics: Iterable[Metric]) -> dict[Series, int]:
    """The line's own counters, as a registry collects them."""
    return {
        (metric.name, tuple(sorted(sample.labels.items()))): int(sample.value)
        for metric in metrics
        if metric.type == "counter" and metric.name.startswith(PREFIX)
        for sample in metric.samples
        if sample.name.endswith(_TOTAL)
    }


def increases(before: Mapping[Series, int], after: Mapping[Series, int]) -> list[Increase]:
    """What grew, and by how much. Increases can be added up over time and over processes, which
    totals cannot: they begin again at 0 with each process."""
    grown = {series: total - before.get(series, 0) for series, total in after.items()}
    return [Increase(name, dict(labels), by) for (name, labels), by in grown.items() if by > 0]
