"""The counts of all processes of a line, those that died included."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

COUNTS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much went through each station since the line was started."""

    polled: int = 0
    unchanged_polls: int = 0
    failed_polls: int = 0
    not_due: int = 0
    published: int = 0
    known: int = 0
    passed_over: int = 0
    enriched: int = 0
    reused: int = 0
    indexed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    dead_lettered: int = 0
    alerts: int = 0
    alerts_delivered: int = 0
    failed_deliveries: int = 0


def read_counts(folder: Path) -> Counts:
    """Add up the files that the processes of one line keep in ``folder``."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    totals: Counter[tuple[str, str]] = Counter()
    for metric in registry.collect():
        for sample in metric.samples:
            label = sample.labels.get("outcome") or sample.labels.get("status") or ""
            totals[sample.name, label] += int(sample.value)
    return to_counts(totals)


def to_counts(totals: Counter[tuple[str, str]]) -> Counts:
    """Pick what the progress display shows out of (metric, label) totals."""

    def total(name: str, label: str | None = None) -> int:
        return sum(n for key, n in totals.items() if key[0] == name and label in {None, key[1]})

    return Counts(
        polled=total("news_feeds_polled_total"),
        unchanged_polls=total("news_feeds_polled_total", "unchanged"),
        failed_polls=total("news_feeds_polled_total", "failed"),
        not_due=total("news_feeds_not_due_total"),
        published=total("news_entries_total", "published"),
        known=total("news_entries_total", "known"),
        passed_over=total("news_entries_total", "passed-over"),
        enriched=total("news_enriched_total"),
        reused=total("news_annotations_reused_total"),
        indexed=total("news_articles_total", "indexed"),
        unchanged=total("news_articles_total", "unchanged"),
        duplicate=total("news_articles_total", "duplicate"),
        dead_lettered=total("news_articles_total", "dead-lettered"),
        alerts=total("news_alerts_total"),
        alerts_delivered=total("news_alert_deliveries_total", "delivered"),
        failed_deliveries=total("news_alert_deliveries_total", "failed"),
    )
