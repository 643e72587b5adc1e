"""A feed and a page as a person reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_feed(console: Console, result: dict[str, Any]) -> None:
    """Title, then a row for each entry."""
    feed, entries = result["feed"], result["entries"]
    console.print(Text(feed["title"] or "(no title)", style="bold"), Text(feed["link"] or ""))
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("published", no_wrap=True)
    table.add_column("title", ratio=1)
    table.add_column("full text", justify="right")
    for entry in entries:
        whole = f"{len(entry['content']):,}" if entry["content"] else "–"
        table.add_row(_day(entry["published"]), Text(entry["title"] or entry["id"]), whole)
    console.print(table)
    console.print(f"[dim]{len(entries)} entries[/dim]")


def print_page(console: Console, result: dict[str, Any]) -> None:
    """Headline, what is known about it, text."""
    console.print(Text(result["title"] or "(no title)", style="bold"))
    known = (
        ", ".join(result["authors"]),
        _day(result["published"]),
        result["language"],
        result["canonical_url"],
    )
    console.print(Text(" · ".join(each for each in known if each), style="dim"))
    console.print()
    for paragraph in result["text"].split("\n"):
        console.print(Text(paragraph))
        console.print()


def _day(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if time else ""
