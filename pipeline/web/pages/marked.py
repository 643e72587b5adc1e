"""A text in pieces, each with what stands over it: entities, statements, words that matched. Pure.

Spans overlap in any way, so the text is cut wherever one begins or ends, and each piece names all
that cover it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

import msgspec

from pipeline.records import Span
from pipeline.search import StatementHit
from pipeline.search.whole import WholeArticle

T = TypeVar("T")


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a text. ``entity`` is the one mentioned there, with its ``type``; ``statements`` are
    the ids of those whose content covers it, ``begins`` those of which a part begins with it.
    ``between``: words of the article between the parts of what was said."""

    text: str
    matched: bool = False
    between: bool = False
    entity: str | None = None
    type: str | None = None
    statements: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What to mark in a text; spans beyond its end are cut."""

    matches: tuple[Span, ...] = ()
    between: tuple[Span, ...] = ()
    entities: tuple[tuple[Span, str, str], ...] = ()
    statements: tuple[tuple[Span, str], ...] = ()


def matched_pieces(text: str, matches: Sequence[Span]) -> list[Piece]:
    """The text with the words that matched."""
    return pieces(text, Marks(matches=tuple(matches)))


def said_pieces(hit: StatementHit) -> list[Piece]:
    """What was said, with the words that matched and those that stand between its parts."""
    gaps = tuple(Span(left.end, right.start) for left, right in pairwise(hit.parts))
    return pieces(hit.content, Marks(matches=hit.matches, between=gaps))


def paragraphs_of(whole: WholeArticle) -> list[list[Piece]]:
    """The text of an article, paragraph by paragraph, with its entities and statements."""
    marks = Marks(
        entities=tuple((each.span, each.entity, each.type) for each in whole.mentions),
        statements=tuple(
            (part, each.statement.id) for each in whole.statements for part in each.parts
        ),
    )
    found: list[list[Piece]] = [[]]
    for piece in pieces(whole.text, marks, cuts=_line_breaks(whole.text)):
        if piece.text == "\n":
            found.append([])
        else:
            found[-1].append(piece)
    return [paragraph for paragraph in found if paragraph]


def pieces(text: str, marks: Marks, cuts: Iterable[int] = ()) -> list[Piece]:
    """``text`` cut at every end of a span and at ``cuts``. Joined, the pieces are the text."""
    matches = _Sweep((span, True) for span in marks.matches)
    between = _Sweep((span, True) for span in marks.between)
    entities = _Sweep((span, (name, kind)) for span, name, kind in marks.entities)
    statements = _Sweep(marks.statements)
    ends = {0, len(text), *cuts, *matches.ends, *between.ends, *entities.ends, *statements.ends}
    places = sorted(place for place in ends if 0 <= place <= len(text))
    found = []
    for start, end in pairwise(places):
        name, kind = next((each for _, each in entities.at(start)), (None, None))
        over = statements.at(start)
        piece = Piece(
            text=text[start:end],
            matched=bool(matches.at(start)),
            between=bool(between.at(start)),
            entity=name,
            type=kind,
            statements=tuple(each for _, each in over),
            begins=tuple(each for span, each in over if span.start == start),
        )
        found.append(piece)
    return found


class _Sweep(Generic[T]):
    """Which spans are open at a place, asked from the beginning of the text to its end."""

    def __init__(self, spans: Iterable[tuple[Span, T]]) -> None:
        self._waiting = sorted(spans, key=lambda each: each[0], reverse=True)
        self._open: list[tuple[Span, T]] = []
        self.ends = {place for span, _ in self._waiting for place in (span.start, span.end)}

    def at(self, place: int) -> list[tuple[Span, T]]:
        """Those open there, in the order in which they began."""
        while self._waiting and self._waiting[-1][0].start <= place:
            self._open.append(self._waiting.pop())
        self._open = [each for each in self._open if place < each[0].end]
        return self._open


def _line_breaks(text: str) -> set[int]:
    return {place for at, char in enumerate(text) if char == "\n" for place in (at, at + 1)}
