"""The table of scenarios: a name, what happens, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.chaos.results import Row
from tests.chaos.scenarios.stage import Evidence, Stage

Play = Callable[[Stage], Evidence]


class Scenario(NamedTuple):
    """One row of the table. ``feeds`` and ``slow`` are how many its world has."""

    name: str
    what: str
    play: Play
    feeds: int = 0
    slow: int = 0


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, what: str, *, feeds: int = 0, slow: int = 0) -> Callable[[Play], Play]:
    """Add a function to the table."""

    def add(play: Play) -> Play:
        SCENARIOS[name] = Scenario(name, what, play, feeds, slow)
        return play

    return add


def row(chosen: Scenario, evidence: Evidence, took: float) -> Row:
    """What a scenario showed, as a row of the result."""
    found = evidence.verdict
    return Row(
        fault=chosen.name,
        what=chosen.what,
        happened=evidence.text(),
        lost=found.lost if found else None,
        double=found.double if found else None,
        seconds=evidence.seconds,
        ok=evidence.holds,
        skipped=evidence.skipped,
        took=round(took, 1),
    )
