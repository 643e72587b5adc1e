"""Feeds of a site as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from pipeline.cli.tables import printable
from pipeline.feeds.candidates import FoundFeed


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
