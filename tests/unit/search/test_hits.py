"""Marks of highlighting become spans."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.hits import unmarked
from pipeline.search.queries import MARK_END, MARK_START


def test_marks_become_spans_of_the_text_without_them() -> None:
    text, spans = unmarked(f"the {MARK_START}ferry{MARK_END} and the {MARK_START}quay{MARK_END}")
    assert text == "the ferry and the quay"
    assert [span.of(text) for span in spans] == ["ferry", "quay"]


def test_a_text_without_marks_stays_as_it_is() -> None:
    assert unmarked("the ferry") == ("the ferry", ())


@given(st.text(st.sampled_from([MARK_START, MARK_END, "a", "é", " "])))
def test_marks_in_any_disorder_are_taken_out_and_spans_lie_within(text: str) -> None:
    plain, spans = unmarked(text)
    assert plain == text.replace(MARK_START, "").replace(MARK_END, "")
    assert all(span.end <= len(plain) for span in spans)


@given(st.lists(st.tuples(st.text("ab"), st.text("cd", min_size=1))))
def test_every_marked_piece_is_found_again(pieces: list[tuple[str, str]]) -> None:
    marked = "".join(f"{before}{MARK_START}{match}{MARK_END}" for before, match in pieces)
    plain, spans = unmarked(marked)
    assert [span.of(plain) for span in spans] == [match for _, match in pieces]
