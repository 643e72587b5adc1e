"""What was changed, word by word."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.diff import MAX_WORDS, Change, changes

texts = st.text("ab .\n", max_size=60) | st.text(max_size=60)


def told(older: str, newer: str) -> str:
    """As wdiff writes it."""
    marks = {"same": "{}", "deleted": "[-{}-]", "inserted": "{{+{}+}}"}
    return "".join(marks[each.kind].format(each.text) for each in changes(older, newer))


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        ("", "", ""),
        ("the same", "the same", "the same"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("The bridge opens.", "The dam opens.", "The [-bridge-]{+dam+} opens."),
        ("a b c d", "a x y d", "a [-b c-]{+x y+} d"),
        ("It opens.", "It opens!", "It opens[-.-]{+!+}"),
        ("He said so.", "He never said so.", "He {+never +}said so."),
        ("one  two", "one two", "one[-  -]{+ +}two"),
        ("Three died.", "Thirteen died.", "[-Three-]{+Thirteen+} died."),
    ],
)
def test_changes_are_told_by_the_word(older: str, newer: str, expected: str) -> None:
    assert told(older, newer) == expected


@given(texts, texts)
def test_both_texts_are_in_the_changes(older: str, newer: str) -> None:
    found = changes(older, newer)
    assert "".join(each.text for each in found if each.kind != "inserted") == older
    assert "".join(each.text for each in found if each.kind != "deleted") == newer


@given(texts, texts)
def test_no_piece_is_empty_and_none_is_like_its_neighbour(older: str, newer: str) -> None:
    found = changes(older, newer)
    assert all(each.text for each in found)
    for one, other in pairwise(found):
        assert one.kind != other.kind
        assert (one.kind, other.kind) != ("inserted", "deleted")


@given(texts)
def test_a_text_differs_in_nothing_from_itself(text: str) -> None:
    assert [each.kind for each in changes(text, text)] == (["same"] if text else [])


def test_a_long_text_is_compared_line_by_line_and_its_changed_lines_by_the_word() -> None:
    lines = [f"Line {number} of a long text." for number in range(MAX_WORDS // 4)]
    others = [lines[0].replace("long", "short"), *lines[1:-1], lines[-1].replace("text", "tale")]
    found = changes("\n".join(lines), "\n".join(others))
    assert [each.text for each in found if each.kind != "same"] == ["long", "short", "text", "tale"]


def test_what_would_take_too_long_is_one_change() -> None:
    older, newer = "x" + " a" * MAX_WORDS + " y", "z" + " a" * (MAX_WORDS + 1) + " w"
    assert changes(older, newer) == (
        Change(kind="deleted", text=older),
        Change(kind="inserted", text=newer),
    )


def _ties(words: int, other: str) -> str:
    return " ".join(f"c{number % 20} {other}{number}" for number in range(words))


def test_texts_made_to_take_long_take_seconds_at_most() -> None:
    started = time.process_time()
    changes(_ties(990, "x"), _ties(990, "y"))  # 49,010 pairs, in 990 runs of equal length
    changes("z " + "word " * 400_000, "y " + "word " * 400_000 + "!")
    assert time.process_time() - started < 20
