"""What was changed between two texts, word by word. Pure.

Words, punctuation and white space are compared by difflib (Ratcliff and Obershelp's matching of
longest runs), between the parts that both texts begin and end with. White space matches only beside
what matches: words that were all replaced are one change, not as many as there are words.

The matching takes time with the pairs of equal words, in the worst case times the number of runs.
Texts with more than ``MAX_PAIRS`` of them, or of more than ``MAX_WORDS``, are compared line by line
first, and then the lines that were replaced word by word, while that keeps within the same bounds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from math import inf
from operator import attrgetter
from typing import Literal, TypeAlias

import msgspec

MAX_PAIRS = 50_000
MAX_WORDS = 4_000
"""White space and punctuation count too, on either side."""

ChangeKind: TypeAlias = Literal["same", "deleted", "inserted"]

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of two texts. Joined, those that are not inserted are the older text, those that are
    not deleted the newer."""

    kind: ChangeKind
    text: str


Words = Sequence[str]


def changes(older: str, newer: str) -> tuple[Change, ...]:
    """The pieces of both texts in order, none of them empty, no two of a kind beside each other.
    What was deleted stands before what was inserted for it."""
    left, right = _WORD.findall(older), _WORD.findall(newer)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    between = _between(left[start : len(left) - end], right[start : len(right) - end])
    pieces = (
        Change(kind="same", text="".join(left[:start])),
        *between,
        Change(kind="same", text="".join(left[len(left) - end :])),
    )
    return tuple(_joined(pieces))


def _common(left: Words, right: Words) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(left), len(right)))


def _between(left: Words, right: Words) -> Iterator[Change]:
    cost = _pairs(left, right)
    return _matched(left, right) if cost <= MAX_PAIRS else _by_lines(left, right)


def _pairs(left: Words, right: Words) -> float:
    """How many pairs of equal words there are; infinitely many where they should not be counted."""
    if max(len(left), len(right)) > MAX_WORDS:
        return inf
    counts = Counter(word for word in right if not word.isspace())
    return sum(counts[word] for word in left)


def _by_lines(left: Words, right: Words) -> Iterator[Change]:
    lines, others = (_LINE.findall("".join(words)) for words in (left, right))
    if _pairs(lines, others) > MAX_PAIRS:
        yield from _replaced(left, right)
        return
    budget: float = MAX_PAIRS
    for tag, start, end, other_start, other_end in _opcodes(lines, others):
        if tag == "equal":
            yield Change(kind="same", text="".join(lines[start:end]))
            continue
        older = _WORD.findall("".join(lines[start:end]))
        newer = _WORD.findall("".join(others[other_start:other_end]))
        cost = _pairs(older, newer)
        fits = cost <= budget
        budget -= cost if fits else 0
        yield from _matched(older, newer) if fits else _replaced(older, newer)


def _matched(left: Words, right: Words) -> Iterator[Change]:
    for tag, start, end, other_start, other_end in _opcodes(left, right):
        if tag == "equal":
            yield Change(kind="same", text="".join(left[start:end]))
        else:
            yield from _replaced(left[start:end], right[other_start:other_end])


def _opcodes(left: Words, right: Words) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(str.isspace, left, right, autojunk=False).get_opcodes()


def _replaced(left: Words, right: Words) -> Iterator[Change]:
    yield Change(kind="deleted", text="".join(left))
    yield Change(kind="inserted", text="".join(right))


def _joined(pieces: Iterable[Change]) -> Iterator[Change]:
    for kind, run in groupby((each for each in pieces if each.text), key=attrgetter("kind")):
        yield Change(kind=kind, text="".join(each.text for each in run))
