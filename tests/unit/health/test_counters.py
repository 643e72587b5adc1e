"""What a process counted between two moments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge

from pipeline import metrics
from pipeline.health.counters import PREFIX, Increase, increases, totals
from pipeline.metrics import LABELS
from pipeline.runner.counts import COUNTS_VARIABLE

SCRIPT = """
from prometheus_client import REGISTRY
from pipeline.health.counters import increases, totals
from pipeline.metrics import ARTICLES
before = totals(REGISTRY.collect())
ARTICLES.labels("indexed").inc(3)
print([each.by for each in increases(before, totals(REGISTRY.collect()))])
"""


def test_what_grew_is_told_with_its_labels_and_by_how_much() -> None:
    registry = CollectorRegistry()
    counter = Counter("news_things", "Things.", ["outcome"], registry=registry)
    counter.labels("new").inc(2)
    before = totals(registry.collect())
    counter.labels("new").inc(3)
    counter.labels("failed").inc()
    assert increases(before, totals(registry.collect())) == [
        Increase("news_things", {"outcome": "new"}, 3),
        Increase("news_things", {"outcome": "failed"}, 1),
    ]


def test_what_did_not_grow_is_not_told() -> None:
    registry = CollectorRegistry()
    Counter("news_things", "Things.", registry=registry).inc()
    now = totals(registry.collect())
    assert increases(now, now) == []


def test_only_the_lines_own_counters_are_read() -> None:
    registry = CollectorRegistry()
    Counter("python_things", "Another's.", registry=registry).inc()
    Gauge("news_level", "No counter.", registry=registry).set(3)
    assert totals(registry.collect()) == {}


def test_a_process_that_shares_its_counts_reads_its_own(tmp_path: Path) -> None:
    environment = {**os.environ, COUNTS_VARIABLE: str(tmp_path)}
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, check=True, capture_output=True
        )
        assert told.stdout.decode().strip() == "[3]"


def test_the_labels_and_names_of_every_counter_are_known() -> None:
    counters = [each for each in vars(metrics).values() if isinstance(each, Counter)]
    assert counters
    for counter in counters:
        (described,) = counter.describe()
        assert described.name.startswith(PREFIX)
        assert set(counter._labelnames) <= set(LABELS)
