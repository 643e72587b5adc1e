"""What a person sees of a run."""

from __future__ import annotations

import io

from rich.console import Console

from pipeline.cli.findings import next_steps, summary
from pipeline.cli.progress import ProgressView, progress_line, progress_table
from pipeline.runner.counts import Counts
from pipeline.runner.line import Lags, Snapshot

COUNTS = Counts(polled=2, unchanged_polls=1, published=5, enriched=4, indexed=3, dead_lettered=1)


def snapshot(seconds: float = 1.0, restarts: int = 0, lags: Lags | None = None) -> Snapshot:
    return Snapshot(counts=COUNTS, lags=lags, restarts=restarts, seconds=seconds)


def test_a_line_of_progress_has_every_station() -> None:
    line = progress_line(snapshot(lags=Lags(enrich=1, index=2)))
    for part in ("polled 2 (1 unchanged)", "published 5", "enriched 4", "indexed 3", "lag 1 + 2"):
        assert part in line


def test_texts_that_needed_no_model_are_shown_beside_the_enriched() -> None:
    counts = Counts(enriched=5, reused=4)
    seen = Snapshot(counts=counts, lags=Lags(enrich=0, index=0), restarts=0, seconds=1.0)
    assert "enriched 5 (4 reused)" in progress_line(seen)
    assert "4 reused" in list(progress_table(seen).columns[3].cells)


def test_alerts_are_shown_where_there_are_some() -> None:
    counts = Counts(alerts=3, alerts_delivered=2, failed_deliveries=1)
    seen = Snapshot(counts=counts, lags=Lags(enrich=0, index=0), restarts=0, seconds=1.0)
    assert "alerts 3 (2 delivered, tries failed: 1)" in progress_line(seen)
    assert progress_table(seen).row_count == progress_table(snapshot()).row_count + 1
    assert "alerts" not in progress_line(snapshot())


def test_an_outage_shows_as_an_unknown_lag_and_restarts_are_told() -> None:
    line = progress_line(snapshot(restarts=2))
    assert "lag –" in line
    assert "restarts 2" in line


def test_off_a_terminal_only_changes_are_printed() -> None:
    output = io.StringIO()
    view = ProgressView(Console(file=output, width=200))
    view.start()
    view.show(snapshot(1.0))
    view.show(snapshot(2.0))
    view.show(snapshot(3.0, restarts=1))
    view.stop()
    assert len(output.getvalue().splitlines()) == 2


def test_on_a_terminal_the_table_has_a_row_for_each_station() -> None:
    assert progress_table(snapshot()).row_count == 5


def test_the_summary_adds_up_what_was_seen_before() -> None:
    counts = Counts(polled=1, known=3, unchanged=2, indexed=4)
    assert "unchanged: 5" in summary(counts)


def test_what_first_polls_passed_over_is_told() -> None:
    counts = Counts(passed_over=4980)
    told = progress_line(Snapshot(counts=counts, lags=None, restarts=0, seconds=1.0))
    assert "published 0 (4980 old ones passed over)" in told
    assert "published: 0 (4980 old entries passed over)" in summary(counts)


def test_feeds_that_have_to_wait_are_told_rather_than_shown_as_nothing() -> None:
    assert "polled 0 (2 not due yet)" in progress_line(
        Snapshot(counts=Counts(not_due=2), lags=None, restarts=0, seconds=1.0)
    )
    assert "feeds polled: 0 (none)" in summary(Counts())


def test_a_speaker_s_name_is_quoted_for_the_shell() -> None:
    steps = next_steps("pipeline", "Maeve O'Hara")
    assert any("statements --speaker 'Maeve O'\"'\"'Hara'" in step for step in steps)


def test_what_is_printed_between_stop_and_start_stays() -> None:
    output = io.StringIO()
    console = Console(file=output, width=80, force_terminal=True)
    view = ProgressView(console)
    view.start()
    view.show(snapshot())
    view.stop()
    console.print("in between")
    before = output.tell()
    view.start()
    view.show(snapshot())
    erase_line_above = "\x1b[1A"
    assert erase_line_above not in output.getvalue()[before:]
    view.stop()
