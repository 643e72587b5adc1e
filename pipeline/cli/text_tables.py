"""What was found in a text, as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.tables import cue_words, printable
from pipeline.records import Annotations, Entity, Statement

_MAX_CONTENT = 400


def print_annotations(console: Console, found: Annotations) -> None:
    """Who said what, then who and what is named, the main figures first."""
    console.print(_statements(found.statements))
    console.print(_entities(found.entities))


def _statements(statements: tuple[Statement, ...]) -> Table:
    table = _table("Who said what", show_lines=True)
    table.add_column("who", ratio=3, min_width=12)
    table.add_column("said", ratio=9, min_width=24)
    table.add_column("to", ratio=2)
    table.add_column("in", ratio=2)
    for statement in statements:
        table.add_row(
            _text(statement.speaker.entity if statement.speaker else "?", "bold"),
            _said(statement),
            _text(statement.addressee),
            _text(statement.medium),
        )
    return table


def _table(title: str, *, show_lines: bool = False) -> Table:
    return Table(
        title=title, title_justify="left", expand=True, show_lines=show_lines, border_style="dim"
    )


def _said(statement: Statement) -> Text:
    cue = statement.cue.text if statement.cue else None
    said = Text(
        cue_words(cue, negated=statement.negated, hypothetical=statement.hypothetical), style="dim"
    )
    said.append_text(_text(statement.content.text, "not dim"))
    return said


def _entities(entities: tuple[Entity, ...]) -> Table:
    table = _table("Who and what is named")
    for column in ("name", "type", "roles", "also called", "country"):
        table.add_column(column)
    for entity in sorted(entities, key=lambda entity: -entity.salience):
        table.add_row(
            _text(entity.name, "bold"),
            _text(entity.type, "dim"),
            _text("; ".join(entity.roles)),
            _text(", ".join(entity.aliases)),
            _text(entity.country),
        )
    return table


def _text(value: str | None, style: str = "") -> Text:
    cell = Text(printable(value or ""), style=style)
    cell.truncate(_MAX_CONTENT, overflow="ellipsis")
    return cell
