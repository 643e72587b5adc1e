"""Search results as tables. What comes from the web is shown as text, never as markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from pipeline.records import Span
from pipeline.search import ArticleHit, StatementHit

MAX_CONTENT_CHARS = 320
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def printable(text: str) -> str:
    """``text`` on one line, without what a terminal would obey or hide: each such character becomes
    a space, so that spans still hold."""
    return "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text)


def cue_words(cue: str | None, *, negated: bool, hypothetical: bool) -> str:
    """The cue as it leads on to the content, with a warning where nobody is told to have said it;
    empty without a cue."""
    if not cue:
        return ""
    warning = "not: " if negated else "perhaps: " if hypothetical else ""
    return f"{warning}{printable(cue)} "


def statements_table(hits: Iterable[StatementHit]) -> Table:
    """Who said what, to whom, when, in which source."""
    table = _table()
    table.add_column("who", ratio=3, min_width=12)
    table.add_column("said", ratio=9, min_width=24)
    table.add_column("to", ratio=2)
    table.add_column("when (UTC)", width=10)
    table.add_column("source", ratio=2)
    for hit in hits:
        when = day_and_time(hit.published or hit.first_seen)
        table.add_row(_who(hit), _said(hit), _plain(hit.addressee), when, _plain(hit.source))
    return table


def articles_table(hits: Iterable[ArticleHit]) -> Table:
    """Titles with a passage each, best first."""
    table = _table()
    table.add_column("article", ratio=9, min_width=30)
    table.add_column("when (UTC)", width=10)
    table.add_column("source", ratio=2)
    for hit in hits:
        when = day_and_time(hit.published or hit.first_seen)
        table.add_row(_article(hit), when, _sources(hit))
    return table


def _table() -> Table:
    return Table(expand=True, show_lines=True, header_style="bold", border_style="dim")


def _who(hit: StatementHit) -> Text:
    who = Text(printable(hit.speaker or "?"), style="bold")
    if hit.role:
        who.append(f"\n{printable(hit.role)}", style="not bold dim")
    return who


def _said(hit: StatementHit) -> Text:
    said = Text(cue_words(hit.cue, negated=hit.negated, hypothetical=hit.hypothetical), style="dim")
    said.append_text(_marked(hit.content, hit.matches))
    said.truncate(MAX_CONTENT_CHARS, overflow="ellipsis")
    if hit.reported_by_speaker:
        said.append(f" (reported by {printable(hit.reported_by_speaker)})", style="dim")
    return said


def _article(hit: ArticleHit) -> Text:
    cell = Text(printable(hit.title) or "(no title)", style="bold")
    cell.append("\n")
    cell.append_text(_marked(hit.snippet, hit.matches))
    if hit.url:
        cell.append(f"\n{printable(hit.url)}", style="not bold dim")
    return cell


def _sources(hit: ArticleHit) -> Text:
    others = f"\nand {hit.articles - 1} more" if hit.articles > 1 else ""
    return _plain(hit.source).append(others, style="dim")


def _marked(text: str, matches: Sequence[Span]) -> Text:
    marked = Text(printable(text), style="not bold")
    for span in matches:
        marked.stylize("bold yellow", span.start, span.end)
    return marked


def _plain(text: str | None) -> Text:
    return Text(printable(text or ""))


def day_and_time(time: datetime) -> Text:
    """In UTC, to the minute."""
    return Text(f"{time.astimezone(UTC):%Y-%m-%d %H:%M}")
