"""Live progress of a line: a small table on a terminal, a line per change elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.table import Table

from pipeline.runner.counts import Counts
from pipeline.runner.line import Snapshot

_NO_LAG = "–"


class ProgressView:
    """Shows snapshots between ``start`` and ``stop``; both may come again."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._last = ""

    def start(self) -> None:
        """Take the bottom of the terminal."""
        if self._console.is_terminal:
            # A new one each time: a Live that is started again wipes what was printed in between.
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()

    def stop(self) -> None:
        """Give it back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def show(self, snapshot: Snapshot) -> None:
        """Show the newest snapshot."""
        if self._live is not None:
            self._live.update(progress_table(snapshot), refresh=True)
            return
        line = progress_line(snapshot)
        if line != self._last:
            self._console.print(f"{snapshot.seconds:6.1f} s  {line}", soft_wrap=True)
            self._last = line


def progress_line(snapshot: Snapshot) -> str:
    """The snapshot in one line, without the time, so that repeats can be told."""
    counts = snapshot.counts
    parts = [
        f"feeds polled {counts.polled}",
        f"published {counts.published}",
        f"enriched {counts.enriched}",
        f"indexed {counts.indexed}",
        f"unchanged {counts.known + counts.unchanged + counts.duplicate}",
        f"dead-lettered {counts.dead_lettered}",
        f"lag {lag_text(snapshot)}",
    ]
    if notes := poll_notes(counts):
        parts[0] += f" ({notes})"
    if notes := alert_notes(counts):
        parts.insert(4, f"alerts {counts.alerts} ({notes})")
    if counts.reused:
        parts[2] += f" ({counts.reused} reused)"
    if counts.passed_over:
        parts[1] += f" ({counts.passed_over} old ones passed over)"
    if snapshot.restarts:
        parts.append(f"restarts {snapshot.restarts}")
    return ", ".join(parts)


def poll_notes(counts: Counts) -> str:
    """What is to be said of the polls: how many found nothing new, failed, are yet to come."""
    notes = {
        "unchanged": counts.unchanged_polls,
        "failed": counts.failed_polls,
        "not due yet": counts.not_due,
    }
    return ", ".join(f"{count} {name}" for name, count in notes.items() if count)


def alert_notes(counts: Counts) -> str:
    """How often alerts were delivered, and how often that failed; empty where there were none."""
    if not (counts.alerts or counts.alerts_delivered or counts.failed_deliveries):
        return ""
    failed = f", tries failed: {counts.failed_deliveries}" if counts.failed_deliveries else ""
    return f"{counts.alerts_delivered} delivered{failed}"


def lag_text(snapshot: Snapshot) -> str:
    """Messages to enrich + messages to index, or a dash while Kafka does not answer."""
    lags = snapshot.lags
    if lags is None:
        return _NO_LAG
    archived = f" ({lags.backfill} archived wait)" if lags.backfill else ""
    return f"{lags.enrich} + {lags.index}{archived}"


def progress_table(snapshot: Snapshot) -> Table:
    """The snapshot as one row a station, for a terminal."""
    counts, lags = snapshot.counts, snapshot.lags
    table = Table(box=None, pad_edge=False, title=f"{snapshot.seconds:.0f} s", title_justify="left")
    for heading in ("station", "done", "waiting", "notes"):
        table.add_column(heading, justify="right" if heading in {"done", "waiting"} else "left")
    table.add_row("feeds polled", str(counts.polled), "", poll_notes(counts))
    passed = f", {counts.passed_over} old ones passed over" if counts.passed_over else ""
    table.add_row("published", str(counts.published), "", f"{counts.known} already known{passed}")
    table.add_row(
        "enriched",
        str(counts.enriched),
        _waiting(lags.enrich if lags else None),
        _enrich_notes(snapshot),
    )
    repeats = f"{counts.unchanged} unchanged, {counts.duplicate} duplicate"
    table.add_row("indexed", str(counts.indexed), _waiting(lags.index if lags else None), repeats)
    if notes := alert_notes(counts):
        waiting = None if lags is None else lags.alert + lags.deliver
        table.add_row("alerts", str(counts.alerts), _waiting(waiting), notes)
    restarts = f"{snapshot.restarts} processes restarted" if snapshot.restarts else ""
    table.add_row("dead-lettered", str(counts.dead_lettered), "", restarts)
    return table


def _enrich_notes(snapshot: Snapshot) -> str:
    archived = snapshot.lags.backfill if snapshot.lags else 0
    notes = {"and {} archived": archived, "{} reused": snapshot.counts.reused}
    return ", ".join(note.format(count) for note, count in notes.items() if count)


def _waiting(lag: int | None) -> str:
    return _NO_LAG if lag is None else str(lag)
