"""What fits, and what does not: on tables as a check fills them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.check import compare
from pipeline.check.report import Kind
from pipeline.check.scratch import Row, fill, scratch, sort

A, B = "a" * 32, "b" * 32
MAY, JUNE = "2026.05", "2026.06"
NEWEST = 1_000

Tables = Mapping[str, Sequence[Row]]

SOUND: Tables = {
    "given": [("articles/0/0", A, 1, None), ("articles/0/1", A, 2, None)],
    "enriched": [
        ("enriched/0/0", A, 1, "old", MAY, True),
        ("enriched/0/1", A, 2, "new", MAY, True),
    ],
    "articles": [(A, MAY, 2, "new", 2)],
    "statements": [(A, MAY, 2), (A, MAY, 2)],
    "kept": [(A, "old")],
    "homes": [(A, MAY)],
    "alerts": [("alert",)],
}


def _whole(table: str, row: Row) -> Row:
    """Without more, a row's text is its content, and nobody said whose word it is."""
    short = {"enriched": 6, "articles": 5}.get(table)
    return (*row, row[3], row[2], 0) if len(row) == short else row


def wrong(tables: Tables) -> dict[Kind, set[str]]:
    with scratch() as database:
        for table, rows in tables.items():
            fill(database, table, [_whole(table, row) for row in rows])
        sort(database)
        found = compare.wrong(database, NEWEST)
        return {kind: set(subjects) for kind, subjects in found.items() if subjects}


def test_what_went_through_and_is_there_once_is_sound() -> None:
    assert wrong(SOUND) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"enriched": [], "kept": []}, {Kind.LOST: {"articles/0/0", "articles/0/1"}}),
        (
            {"articles": [], "statements": []},
            {Kind.LOST: {"enriched/0/0", "enriched/0/1"}},
        ),
        (
            {"given": [*SOUND["given"], ("articles/0/2", None, None, "bytes")]},
            {Kind.LOST: {"articles/0/2"}},
        ),
        (
            {"enriched": [*SOUND["enriched"], ("enriched/0/2", None, None, "bytes", None, True)]},
            {Kind.LOST: {"enriched/0/2"}},
        ),
        (
            {"enriched": [*SOUND["enriched"], ("enriched/0/2", A, 3, "newer", MAY, True)]},
            {Kind.STALE: {A}},
        ),
        ({"articles": [(A, MAY, 2, "new", 3)]}, {Kind.STATEMENTS: {A}}),
        (
            {"statements": [*SOUND["statements"], (A, MAY, 1)]},
            {Kind.STATEMENTS: {A}},
        ),
        (
            {"statements": [*SOUND["statements"], (B, MAY, 1)]},
            {Kind.STATEMENTS: {B}},
        ),
        ({"kept": []}, {Kind.REVISIONS: {A}}),
        ({"homes": []}, {Kind.HOMES: {A}}),
        ({"homes": [(A, JUNE)]}, {Kind.HOMES: {A}}),
        ({"alerts": [("alert",), ("alert",)]}, {Kind.ALERTS: {"alert"}}),
    ],
)
def test_what_does_not_fit_is_named_by_its_kind(
    changes: Tables, expected: dict[Kind, set[str]]
) -> None:
    assert wrong({**SOUND, **changes}) == expected


def test_an_article_in_two_months_is_double() -> None:
    articles = [*SOUND["articles"], (A, JUNE, 1, "old", 0)]
    assert wrong({**SOUND, "articles": articles})[Kind.DOUBLE] == {A}


def test_a_revision_ahead_of_the_clock_is_found() -> None:
    articles = [(A, MAY, NEWEST + 1, "new", 0), (B, MAY, NEWEST, "new", 0)]
    tables = {"articles": articles, "homes": [(A, MAY), (B, MAY)]}
    assert wrong(tables) == {Kind.FUTURE: {A}}


def test_what_is_a_dead_letter_is_not_lost_open_or_not() -> None:
    letters = [("articles/0/2", True, "x"), ("enriched/0/2", False, None)]
    tables = {
        **SOUND,
        "given": [*SOUND["given"], ("articles/0/2", None, None, "bytes")],
        "enriched": [*SOUND["enriched"], ("enriched/0/2", B, 1, "x", MAY, True)],
        "letters": letters,
    }
    assert wrong(tables) == {}


def test_bytes_that_are_a_dead_letter_are_not_lost_wherever_they_were_read_again() -> None:
    tables = {
        **SOUND,
        "given": [*SOUND["given"], ("articles/0/2", None, None, "bytes")],
        "letters": [("articles/1/9", True, "bytes")],
    }
    assert wrong(tables) == {}


def test_what_the_index_station_has_not_acknowledged_is_not_missed() -> None:
    enriched = [*SOUND["enriched"], ("enriched/0/2", B, 1, "x", MAY, False)]
    tables = {
        **SOUND,
        "enriched": enriched,
        "given": [*SOUND["given"], ("articles/0/2", B, 1, None)],
    }
    assert wrong(tables) == {}


def test_a_newer_revision_that_says_the_same_need_not_be_written() -> None:
    enriched = [*SOUND["enriched"], ("enriched/0/2", A, 3, "new", MAY, True)]
    assert wrong({**SOUND, "enriched": enriched}) == {}


@given(st.data())
def test_whatever_is_taken_away_from_a_sound_line_is_missed(data: st.DataObject) -> None:
    tables = _sound(data.draw(st.integers(1, 8)), data.draw(st.integers(1, 3)))
    table = data.draw(st.sampled_from(["enriched", "articles", "statements", "kept", "homes"]))
    if not tables[table]:
        return
    place = data.draw(st.integers(0, len(tables[table]) - 1))
    fewer = [row for number, row in enumerate(tables[table]) if number != place]
    assert wrong(tables) == {}
    assert wrong({**tables, table: fewer})


def _sound(articles: int, revisions: int) -> dict[str, list[Row]]:
    """Articles with as many revisions each, and as many statements as their number."""
    tables: defaultdict[str, list[Row]] = defaultdict(list, {"kept": [], "statements": []})
    for number in range(articles):
        article_id = f"{number:032x}"
        for revision in range(1, revisions + 1):
            place, content = f"{number}/{revision}", f"{number}@{revision}"
            tables["given"].append((f"articles/{place}", article_id, revision, None))
            row = (f"enriched/{place}", article_id, revision, content, MAY, True)
            tables["enriched"].append(row)
            if revision < revisions:
                tables["kept"].append((article_id, content))
        tables["homes"].append((article_id, MAY))
        tables["articles"].append((article_id, MAY, revisions, content, number))
        tables["statements"] += [(article_id, MAY, revisions)] * number
    return tables
