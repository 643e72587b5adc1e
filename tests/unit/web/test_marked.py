"""Text in pieces is the same text, and each piece knows what stands over it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Span
from pipeline.web.pages.marked import Marks, Piece, matched_pieces, pieces

TEXT = "Ada Lind said that Brenn can wait."
spans = st.tuples(st.integers(0, 40), st.integers(1, 40)).map(
    lambda ends: Span(ends[0], ends[0] + ends[1])
)


@given(
    st.text(max_size=40),
    st.lists(spans, max_size=6),
    st.lists(st.tuples(spans, st.just("Ada"), st.just("PERSON")), max_size=6),
    st.lists(st.tuples(spans, st.sampled_from(["s1", "s2"])), max_size=6),
)
def test_joined_the_pieces_are_the_text(
    text: str,
    matches: list[Span],
    entities: list[tuple[Span, str, str]],
    statements: list[tuple[Span, str]],
) -> None:
    marks = Marks(matches=tuple(matches), entities=tuple(entities), statements=tuple(statements))
    found = pieces(text, marks)
    assert "".join(piece.text for piece in found) == text
    at = 0
    for piece in found:
        assert piece.matched == any(span.start <= at < span.end for span in matches)
        covering = [each for span, each in sorted(statements) if span.start <= at < span.end]
        assert sorted(piece.statements) == sorted(covering)
        at += len(piece.text)


def test_words_that_matched_are_told_apart() -> None:
    assert matched_pieces("a bridge", [Span(2, 8)]) == [
        Piece(text="a "),
        Piece(text="bridge", matched=True),
    ]


def test_an_entity_within_a_statement_is_both() -> None:
    marks = Marks(entities=((Span(19, 24), "Brenn", "GPE"),), statements=((Span(19, 33), "s1"),))
    brenn = pieces(TEXT, marks)[1]
    assert (brenn.text, brenn.entity, brenn.statements) == ("Brenn", "Brenn", ("s1",))
    assert brenn.begins == ("s1",)
