"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

EXAMPLES = 5


class Kind(StrEnum):
    """A closed list, the worst first."""

    LOST = "lost"  # went through the line, and is neither indexed nor a dead letter
    INDICES = "indices"  # an index without our mapping or alias: what it holds is not found
    DOUBLE = "double"  # one article in several months
    STALE = "stale"  # a newer revision went through the line than is indexed
    FUTURE = "future"  # a revision ahead of the clock: no correction would ever replace it
    STATEMENTS = "statements"  # statements missing, or of another revision than their article
    REVISIONS = "revisions"  # a superseded text that was not kept
    HOMES = "homes"  # an article whose month is not on record, or another one is
    ALERTS = "alerts"  # the same find told twice


MEANINGS: Mapping[Kind, str] = {
    Kind.LOST: "went through the line and are neither indexed nor dead letters",
    Kind.INDICES: "indices are not ours: without our mapping or alias nothing in them is found",
    Kind.DOUBLE: "articles are indexed in several months",
    Kind.STALE: "articles are indexed in an older revision than went through the line",
    Kind.FUTURE: "articles have a revision ahead of the clock, which no correction replaces",
    Kind.STATEMENTS: "articles have statements missing, or left over from another revision",
    Kind.REVISIONS: "articles lack a superseded revision",
    Kind.HOMES: "articles stand in another month than is on record",
    Kind.ALERTS: "alerts were made twice",
}
"""What a count of each kind says, after the number."""

_REPAIRS = "pipeline check --repair"
_REMEDIES = {Kind.ALERTS: "none is needed: receivers know a repetition by its id"}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` things of one kind are wrong; ``examples`` are some of their ids, or places in a
    topic (``topic/partition/offset/hash``), or names of indices."""

    kind: Kind
    what: str
    count: int
    examples: tuple[str, ...]
    remedy: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """``produced`` articles went through the line, as far as the topics go back; ``indexed`` are in
    the index; ``dead_letters`` are those open. ``lag`` is what each station has not read yet."""

    produced: int
    indexed: int
    dead_letters: int
    lag: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


Wrong = Mapping[Kind, frozenset[str]]
"""What is wrong, by kind: ids, places or names."""


def findings(wrong: Wrong) -> tuple[Finding, ...]:
    """In the order of :class:`Kind`; a kind of which nothing is wrong is left out."""
    return tuple(_finding(kind, wrong[kind]) for kind in Kind if wrong.get(kind))


def _finding(kind: Kind, subjects: Iterable[str]) -> Finding:
    ordered = sorted(subjects)
    return Finding(
        kind=kind,
        what=MEANINGS[kind],
        count=len(ordered),
        examples=tuple(ordered[:EXAMPLES]),
        remedy=_REMEDIES.get(kind, _REPAIRS),
    )


def in_both(first: Wrong, second: Wrong) -> Wrong:
    """What was wrong at both looks: an article that was on its way at the first is not."""
    return {kind: first[kind] & second.get(kind, frozenset()) for kind in first}
