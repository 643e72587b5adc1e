"""What a line is made of, and when it has nothing left to do."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.runner.counts import Counts, to_counts
from pipeline.runner.line import Lags, Snapshot, settled, specs


def snapshot(*, polled: int = 1, not_due: int = 0, lags: Lags | None = None) -> Snapshot:
    counts = Counts(polled=polled, not_due=not_due)
    return Snapshot(counts=counts, lags=lags, restarts=0, seconds=1.0)


def test_a_line_has_one_process_for_each_station() -> None:
    assert [spec.name for spec in specs(once=False, sample=True)] == [
        "enrich",
        "index",
        "alert",
        "feeds",
        "serve",
    ]


def test_only_the_feed_consumer_ends_and_only_once() -> None:
    assert [spec.ends for spec in specs(once=True, sample=False)] == [False, False, False, True]
    assert not any(spec.ends for spec in specs(once=False, sample=False))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (snapshot(lags=Lags(enrich=0, index=0)), True),
        (snapshot(lags=Lags(enrich=0, index=1)), False),
        (snapshot(lags=Lags(enrich=1, index=0)), False),
        (snapshot(lags=Lags(enrich=0, index=0, alert=1)), False),
        (snapshot(lags=Lags(enrich=0, index=0, deliver=1)), False),
        (snapshot(lags=None), False),
        (snapshot(polled=0, lags=Lags(enrich=0, index=0)), False),
        (snapshot(polled=0, not_due=1, lags=Lags(enrich=0, index=0)), True),
    ],
)
def test_a_line_is_settled_when_all_feeds_that_are_due_are_polled_and_no_lag_is_left(
    given: Snapshot, expected: bool
) -> None:
    assert settled(given, feeds=1) is expected


def test_counts_are_summed_over_labels() -> None:
    totals = Counter(
        {
            ("news_feeds_polled_total", "new"): 2,
            ("news_feeds_polled_total", "failed"): 1,
            ("news_feeds_not_due_total", ""): 2,
            ("news_entries_total", "published"): 5,
            ("news_entries_total", "passed-over"): 6,
            ("news_articles_total", "indexed"): 4,
            ("news_articles_total", "dead-lettered"): 1,
            ("news_enriched_total", "annotated"): 3,
            ("news_enriched_total", "not-annotated"): 1,
            ("news_annotations_reused_total", ""): 2,
            ("news_alerts_total", ""): 6,
            ("news_alert_deliveries_total", "delivered"): 7,
            ("news_alert_deliveries_total", "failed"): 8,
        }
    )
    assert to_counts(totals) == Counts(
        polled=3,
        failed_polls=1,
        not_due=2,
        published=5,
        passed_over=6,
        enriched=4,
        reused=2,
        indexed=4,
        dead_lettered=1,
        alerts=6,
        alerts_delivered=7,
        failed_deliveries=8,
    )
