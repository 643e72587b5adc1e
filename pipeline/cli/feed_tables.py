"""Feeds as a table. What comes from the web is shown as text, never as markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from pipeline.cli.tables import printable
from pipeline.feeds.candidates import FoundFeed
from pipeline.feeds.status import FeedStatus, Health

_STYLES = {Health.GONE: "red", Health.FAILING: "red", Health.WAITING: "yellow", Health.NEW: "dim"}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def found_table(found: Iterable[FoundFeed]) -> Table:
    """A row for each feed, in the order given."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("feed", ratio=1, overflow="fold")
    table.add_column("format")
    table.add_column("entries", justify="right")
    table.add_column("newest (UTC)", no_wrap=True)
    table.add_column("language")
    for feed in found:
        name = Text(printable(feed.title) or "(no title)", style="bold")
        name.append(f"\n{printable(feed.url)}", style="not bold dim")
        newest = f"{feed.newest:%Y-%m-%d %H:%M}" if feed.newest else "–"
        table.add_row(name, feed.format, f"{feed.entries:,}", newest, feed.language or "–")
    return table


def status_table(statuses: Sequence[FeedStatus], now: datetime) -> Table:
    """A line for each feed."""
    table = Table(expand=True, header_style="bold", border_style="dim")
    table.add_column("feed", ratio=3, min_width=10, no_wrap=True)
    table.add_column("state", width=8)
    table.add_column("last", width=8, justify="right")
    table.add_column("next", width=8, justify="right")
    table.add_column("new a day", width=9, justify="right")
    table.add_column("reason", ratio=5, min_width=14)
    for status in statuses:
        rate = "" if status.new_per_day is None else f"{status.new_per_day:.3g}"
        table.add_row(
            Text(printable(status.id)),
            Text(status.health, style=_STYLES.get(status.health, "green")),
            _ago(status.last_poll, now),
            _ahead(status.next_poll, now),
            rate,
            Text(_reason(status)),
        )
    return table


def summary(statuses: Sequence[FeedStatus]) -> str:
    """How many there are of each: "12 feeds: 1 failing, 11 fine"."""
    counts = Counter(status.health for status in statuses)
    parts = [f"{counts[health]} {health}" for health in Health if counts[health]]
    feeds = "1 feed" if len(statuses) == 1 else f"{len(statuses)} feeds"
    return f"{feeds}: {', '.join(parts)}" if parts else "no feeds; add some to config/feeds.toml"


def _reason(status: FeedStatus) -> str:
    if status.reason is not None:
        times = f" ({status.failures} times in a row)" if status.failures > 1 else ""
        return printable(status.reason) + times
    return f"{status.waiting} pages are tried again" if status.waiting else ""


def _ago(time: datetime | None, now: datetime) -> str:
    return "" if time is None else _short(now - time)


def _ahead(time: datetime | None, now: datetime) -> str:
    if time is None:
        return ""
    return "now" if time <= now else _short(time - now)


def _short(span: timedelta) -> str:
    """A span in its largest unit: "3 h"."""
    seconds = max(0, int(span.total_seconds()))
    unit, size = next(((u, s) for u, s in _UNITS if seconds >= s), _UNITS[-1])
    return f"{seconds // size} {unit}"
