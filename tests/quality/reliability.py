"""Whether confidence means what it says: of the statements given one, the share that is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_OVERLAP = 0.8
_BIN = 0.1

Spans = Sequence[Sequence[int]]


class Bin(NamedTuple):
    """Statements with a confidence from ``low`` to a tenth above: how many, their mean confidence,
    and the share that is right."""

    low: float
    count: int
    confidence: float
    right: float


def curve(gold: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> list[Bin]:
    """The reliability curve over labelled articles, the least confident bin first.

    A statement is right when it shares four fifths of the words on both sides with a labelled one,
    or with one part of it (corpora differ in whether a split quote is one or two). Those that are
    told not to have been made, and those within others, are labelled nowhere and left out.
    """
    by_id = {row["id"]: row["statements"] for row in found}
    bins: dict[float, list[tuple[float, bool]]] = {}
    for article in gold:
        words = [match.span() for match in _WORD.finditer(article["text"])]
        labelled = _labelled(article, words)
        for statement in by_id.get(article["id"], ()):
            if _is_unlabelled(statement):
                continue
            own = _covered(words, statement["content"]["parts"])
            right = any(_same(own, other) for other in labelled)
            low = int(statement["confidence"] / _BIN + 1e-9) * _BIN
            bins.setdefault(round(low, 1), []).append((statement["confidence"], right))
    return [_bin(low, bins[low]) for low in sorted(bins)]


def _is_unlabelled(statement: Mapping[str, Any]) -> bool:
    return bool(statement["negated"] or statement["hypothetical"] or statement["reported_by"])


def _bin(low: float, rows: list[tuple[float, bool]]) -> Bin:
    count = len(rows)
    return Bin(low, count, sum(c for c, _ in rows) / count, sum(ok for _, ok in rows) / count)


def _labelled(article: Mapping[str, Any], words: list[tuple[int, int]]) -> list[frozenset[int]]:
    spans: list[Spans] = []
    for statement in article["statements"]:
        parts = statement.get("content_parts") or [statement["content"]]
        spans += [parts, *([part] for part in parts)]
    return [_covered(words, parts) for parts in spans]


def _covered(words: list[tuple[int, int]], parts: Spans) -> frozenset[int]:
    return frozenset(
        number
        for number, (start, end) in enumerate(words)
        if any(start < part[1] and end > part[0] for part in parts)
    )


def _same(one: frozenset[int], other: frozenset[int]) -> bool:
    return bool(one and other) and len(one & other) >= _OVERLAP * max(len(one), len(other))
