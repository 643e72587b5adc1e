"""What a soak and a scenario leave behind, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tests.chaos.measure.figures import quantile
from tests.chaos.measure.memory import Growth
from tests.chaos.measure.recovery import Recovery
from tests.chaos.measure.verdict import Verdict
from tests.chaos.plan import Planned

MEDIAN_SECONDS, LONGEST_SECONDS = 5.0, 30.0


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that happened: as planned, at which second, and the recovery from it."""

    planned: Planned
    at: float
    recovery: Recovery


class Recoveries(msgspec.Struct, frozen=True, kw_only=True):
    """Over all faults, in seconds; ``missing`` are those from which the line did not recover."""

    faults: int
    missing: int
    median: float
    p95: float
    longest: float

    @property
    def good(self) -> bool:
        """Whether the bounds are kept."""
        within = self.median < MEDIAN_SECONDS and self.longest < LONGEST_SECONDS
        return within and not self.missing


def recoveries(met: Sequence[Met]) -> Recoveries:
    """The figures of some recoveries."""
    seconds = [each.recovery.seconds for each in met if each.recovery.seconds is not None]
    return Recoveries(
        faults=len(met),
        missing=len(met) - len(seconds),
        median=quantile(seconds, 0.5),
        p95=quantile(seconds, 0.95),
        longest=max(seconds, default=0.0),
    )


class Soak(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a soak. ``made`` counts versions by origin, ``seconds`` is how long news was
    made, ``drained`` how long the line then took; None: it did not get through.
    ``unread`` are the feeds of which something was not taken in."""

    seed: int
    minutes: float
    seconds: float
    drained: float | None
    made: Mapping[str, int]
    verdict: Verdict
    recoveries: Recoveries
    met: Sequence[Met]
    memory: Mapping[str, Growth]
    restarts: int
    hopeless: Mapping[str, str]
    ingests: int
    ingests_failed: int
    ingests_stuck: int
    delivered: int
    delivered_again: int
    plan: Sequence[Planned]
    unread: Sequence[str]
    interrupted: bool = False

    @property
    def rate(self) -> float:
        """Articles a second that went through, the draining included."""
        return self.verdict.indexed / (self.seconds + (self.drained or 0.0))

    @property
    def good(self) -> bool:
        """Whether every guarantee and bound holds."""
        whole = self.drained is not None and not self.hopeless and not self.unread
        return whole and not self.verdict.findings and self.recoveries.good


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a scenario. ``seconds`` is the recovery, where one is measured. What is
    ``skipped`` says why."""

    fault: str
    what: str
    happened: str
    lost: int | None = None
    double: int | None = None
    seconds: float | None = None
    ok: bool = True
    skipped: bool = False
    took: float = 0.0
