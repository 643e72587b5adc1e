"""Saved searches and alerts as tables. What comes from outside is text, never markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from pipeline.alerts.log import DeliveryState, LoggedAlert
from pipeline.cli.tables import printable
from pipeline.records import DeliveryStatus, SavedSearch, WaitingSearch

_STYLES = {
    DeliveryStatus.DELIVERED: "green",
    DeliveryStatus.PENDING: "yellow",
    DeliveryStatus.GIVEN_UP: "red",
    DeliveryStatus.WITHDRAWN: "dim",
}


def searches_table(
    searches: Iterable[SavedSearch], waiting: Mapping[str, WaitingSearch] | None = None
) -> Table:
    """A row for each search; ``waiting`` are those that cannot be asked, by id."""
    table = Table(expand=True, show_lines=True, header_style="bold", border_style="dim")
    table.add_column("id", ratio=2, min_width=10, overflow="fold")
    table.add_column("asks", ratio=4, min_width=16)
    table.add_column("tells", ratio=4, min_width=14, overflow="fold")
    for search in searches:
        name = Text(search.id, style="bold")
        name.append(f"\n{printable(search.name)}", style="not bold dim")
        if not search.active:
            name.append("\nswitched off", style="not bold yellow")
        table.add_row(name, _asks(search, (waiting or {}).get(search.id)), _tells(search))
    return table


def log_table(logged: Iterable[LoggedAlert], now: datetime) -> Table:
    """A row for each alert."""
    table = Table(expand=True, show_lines=True, header_style="bold", border_style="dim")
    table.add_column("when (UTC)", width=10)
    table.add_column("found", ratio=5, min_width=20)
    table.add_column("delivered", ratio=5, min_width=20, overflow="fold")
    for each in logged:
        alert = each.alert
        found = Text(printable(alert.title or alert.source), style="bold")
        statements = f", {alert.statement_count} statements" if alert.statement_count > 1 else ""
        found.append(f"\n{alert.search_id}{statements}", style="not bold dim")
        when = Text(f"{alert.indexed_at.astimezone(UTC):%Y-%m-%d %H:%M}")
        table.add_row(when, found, _deliveries(each.deliveries, now))
    return table


def _asks(search: SavedSearch, waits: WaitingSearch | None) -> Text:
    words = ", ".join(f"{name} {value}" for name, value in search.query.items())
    asks = Text(f"{search.about}: {printable(words)}")
    if waits is not None:
        since = f"{waits.since.astimezone(UTC):%Y-%m-%d %H:%M}"
        asks.append(f"\ncannot be asked since {since}: {printable(waits.why)}", style="red")
    return asks


def _tells(search: SavedSearch) -> Text:
    tells = Text()
    for webhook in search.webhooks:
        tells.append(f"{printable(webhook.url)}\n")
        if webhook.gone_at is not None:
            tells.append(f"  gone since {webhook.gone_at:%Y-%m-%d}: 410\n", style="red")
    for address in search.emails:
        tells.append(f"{address}\n")
    return tells if tells.plain else Text("nobody: see the log and the feed", style="dim")


def _deliveries(states: Iterable[DeliveryState], now: datetime) -> Text:
    cell = Text()
    for state in states:
        cell.append(state.status, style=_STYLES[state.status])
        cell.append(f" {printable(state.target)}{_details(state, now)}\n")
    return cell


def _details(state: DeliveryState, now: datetime) -> str:
    tries = f", {state.tries} tries" if state.tries > 1 else ""
    error = f": {printable(state.error)}" if state.error else ""
    if state.next_try_at is None:
        return tries + error
    seconds = max(0, round((state.next_try_at - now).total_seconds()))
    return f"{tries}{error}; next try in {seconds} s"
