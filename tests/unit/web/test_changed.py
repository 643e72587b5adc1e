"""Changes in paragraphs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.diff import Change, changes
from pipeline.web.pages.changed import BREAK, changed_paragraphs

texts = st.text("ab .\n", max_size=40)


def test_a_line_break_begins_a_paragraph() -> None:
    assert changed_paragraphs(changes("One.\nTwo.", "One.\nTwo!")) == [
        [Change(kind="same", text="One.")],
        [
            Change(kind="same", text="Two"),
            Change(kind="deleted", text="."),
            Change(kind="inserted", text="!"),
        ],
    ]


def test_a_change_over_paragraphs_is_marked_in_each() -> None:
    found = changed_paragraphs([Change(kind="deleted", text="One.\n\nTwo.")])
    assert found == [[Change(kind="deleted", text=each)] for each in ("One.", "Two.")]


def test_a_line_break_that_is_all_that_changed_can_be_seen() -> None:
    found = changed_paragraphs(changes("One. Two.", "One.\nTwo."))
    assert Change(kind="inserted", text=BREAK) in found[0]
    assert found[1] == [Change(kind="same", text="Two.")]


@given(texts, texts)
def test_all_words_are_in_the_paragraphs(older: str, newer: str) -> None:
    found = changed_paragraphs(changes(older, newer))
    kept = [each.text for paragraph in found for each in paragraph if each.kind != "inserted"]
    assert "".join("".join(kept).replace(BREAK, "").split()) == "".join(older.split())
    assert all(paragraph for paragraph in found)
