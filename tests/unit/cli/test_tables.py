"""Tables show what was found, as text and nothing else."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from pipeline.cli.tables import articles_table, printable, statements_table
from pipeline.records import Span
from pipeline.search import ArticleHit, StatementHit

WHEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def a_statement(**changes: Any) -> StatementHit:
    fields: dict[str, Any] = {
        "id": "s1",
        "article_id": "a" * 32,
        "speaker": "Zoë Lind",
        "speaker_text": "She",
        "role": "mayor",
        "cue": "told",
        "content": "Brenn can wait",
        "parts": (Span(0, 14),),
        "matches": (),
        "type": "indirect",
        "kind": "speech",
        "addressee": "Ada Park",
        "medium": None,
        "negated": False,
        "hypothetical": False,
        "reported_by": None,
        "reported_by_speaker": None,
        "about": ("Brenn",),
        "confidence": 1.0,
        "title": "A debate",
        "url": "https://courier.example/debate",
        "source": "The Courier",
        "published": WHEN,
        "first_seen": WHEN,
        "score": 1.0,
    }
    return StatementHit(**(fields | changes))


def an_article(**changes: Any) -> ArticleHit:
    fields: dict[str, Any] = {
        "id": "a" * 32,
        "title": "A debate",
        "url": "https://courier.example/debate",
        "source": "The Courier",
        "published": WHEN,
        "first_seen": WHEN,
        "language": "en",
        "story": "0" * 32,
        "articles": 1,
        "score": 1.0,
        "snippet": "Brenn can wait",
        "matches": (Span(0, 5),),
    }
    return ArticleHit(**(fields | changes))


def shown(table: Table, *, color: bool = False) -> str:
    console = Console(
        file=io.StringIO(),
        width=400,
        force_terminal=color,
        color_system="standard" if color else None,
    )
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_statement_is_shown_with_who_what_to_whom_when_and_where() -> None:
    table = shown(statements_table([a_statement()]))
    for part in ("Zoë Lind", "mayor", "told Brenn can wait", "Ada Park", "2026-03-01", "12:30"):
        assert part in table
    assert "The Courier" in table


def test_a_statement_that_was_not_made_says_so() -> None:
    assert "not: told Brenn can wait" in shown(statements_table([a_statement(negated=True)]))


def test_a_statement_that_may_be_made_says_so() -> None:
    assert "perhaps: told Brenn" in shown(statements_table([a_statement(hypothetical=True)]))


def test_a_reported_statement_names_its_reporter() -> None:
    table = shown(statements_table([a_statement(reported_by_speaker="the office")]))
    assert "(reported by the office)" in table


def test_a_statement_without_a_speaker_is_shown_all_the_same() -> None:
    table = shown(statements_table([a_statement(speaker=None, role=None, addressee=None)]))
    assert "Brenn can wait" in table


def test_an_article_without_a_date_shows_when_it_was_first_seen() -> None:
    assert "2026-03-01" in shown(articles_table([an_article(published=None)]))


def test_what_matched_stands_out() -> None:
    table = shown(articles_table([an_article()]), color=True)
    assert "\x1b[1;33mBrenn" in table


@pytest.mark.parametrize("table", [articles_table, statements_table])
def test_markup_of_others_is_shown_and_not_obeyed(table: Any) -> None:
    hit = an_article(title="[bold red]x[/]", snippet="[link=http://e.example]y[/link]", matches=())
    spoken = a_statement(content="[bold red]x[/]", speaker="[/]", source="[link=http://e.example]")
    text = shown(table([hit] if table is articles_table else [spoken]))
    assert "[bold red]x[/]" in text
    assert "[link=http://e.example]" in text


def test_control_sequences_of_others_do_not_reach_the_terminal() -> None:
    hostile = "\x1b]0;owned\x07\u202ereversed\u200b\r\n"
    text = shown(statements_table([a_statement(content=hostile, addressee=hostile)]))
    assert not {"\x1b", "\x07", "\u202e", "\u200b", "\r"} & set(text)
    assert "reversed" in text


@given(st.text())
def test_printable_text_is_as_long_as_before_and_one_line(text: str) -> None:
    shown_text = printable(text)
    assert len(shown_text) == len(text)
    assert len(shown_text.splitlines()) <= 1


def test_a_story_that_was_found_once_says_in_how_many_articles() -> None:
    assert "and 2 more" in shown(articles_table([an_article(articles=3)]))
    assert "more" not in shown(articles_table([an_article()]))
