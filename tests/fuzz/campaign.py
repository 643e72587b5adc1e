"""Inputs are made and tried, target after target in short turns, until the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz import corpus
from tests.fuzz.mutator import Mutator
from tests.fuzz.target import Target
from tests.fuzz.trial import Fault, Watch, tried

TURN_SECONDS = 0.25
_POOL = 2_000  # inputs that a target's are made of,
_LONGEST_OF_POOL = 4_096  # bytes each: what is made of long ones is long, and takes its time
_SAME_FAULT = 3  # inputs of one fault that are minimised

Fails = Callable[[bytes], bool]


@dataclass
class Tally:
    """What was tried of one target. ``slowest`` is in seconds of the processor."""

    target: str
    inputs: int = 0
    seconds: float = 0.0
    outcomes: int = 0
    slowest: float = 0.0
    slowest_bytes: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Inputs a second, with the making of them."""
        return self.inputs / self.seconds if self.seconds else 0.0


class Course:
    """The inputs of one target: they depend on the seed alone, only their number on the time."""

    def __init__(
        self,
        target: Target,
        seed: int,
        watch: Watch,
        *,
        more_seeds: Sequence[bytes] = (),
        folder: Path = corpus.FOLDER,
    ) -> None:
        self.tally = Tally(target.name)
        self._target = target
        self._watch = watch
        self._folder = folder
        self._seen: set[Hashable] = set()
        self._pool = [*target.seeds(), *corpus.kept(target.name, folder), *more_seeds]
        self._mutator = Mutator(Random(f"{seed} {target.name}"), target.tokens, target.longest)
        self._waiting = list(self._pool)

    def turn(self, seconds: float) -> None:
        """Try inputs for about so long, one at least."""
        started = now = time.monotonic()
        while now < started + seconds:
            self._next()
            now = time.monotonic()
        self.tally.seconds += now - started

    def _next(self) -> None:
        data = self._waiting.pop() if self._waiting else self._mutator.mutated(self._pool)
        tally = self.tally
        trial = tried(self._target, data, self._watch, tally.slowest)
        tally.inputs += 1
        if trial.seconds > tally.slowest:
            tally.slowest, tally.slowest_bytes = trial.seconds, len(data)
        if trial.fault is not None:
            self._failed(data, trial.fault)
        elif trial.outcome not in self._seen:
            self._seen.add(trial.outcome)
            tally.outcomes = len(self._seen)
            if len(self._pool) < _POOL and len(data) <= _LONGEST_OF_POOL:
                self._pool.append(data)

    def warm_up(self) -> None:
        """Load what is loaded at the first use, and take no account of it."""
        for data in self._target.seeds():
            tried(self._target, data, self._watch)

    def _failed(self, data: bytes, fault: Fault) -> None:
        files = self.tally.faults.setdefault(fault.key, [])
        if len(files) >= _SAME_FAULT:
            return

        def fails(shorter: bytes) -> bool:
            again = tried(self._target, shorter, self._watch).fault
            return again is not None and again.key == fault.key

        small = data if fault.key == "slow" else corpus.minimised(data, fails)
        file = corpus.keep(self._target.name, small, self._folder)
        files.append(f"{file.parent.name}/{file.name}: {fault.detail}")


def run(
    targets: Iterable[Target],
    *,
    seconds: float,
    seed: int,
    more_seeds: Callable[[Target], Sequence[bytes]] = lambda _: (),
    folder: Path = corpus.FOLDER,
    enough: int | None = None,
) -> list[Tally]:
    """Fuzz the targets for so long in all, each for the same time, or until there are ``enough``
    faults."""
    watch = Watch()
    courses = [
        Course(target, seed, watch, more_seeds=more_seeds(target), folder=folder)
        for target in targets
    ]
    end = time.monotonic() + seconds
    with watch:
        for course in courses:
            course.warm_up()
        while time.monotonic() < end and not _is_enough(courses, enough):
            for course in courses:
                course.turn(min(TURN_SECONDS, max(0.0, end - time.monotonic())))
    return [course.tally for course in courses]


def _is_enough(courses: Sequence[Course], enough: int | None) -> bool:
    found = sum(len(course.tally.faults) for course in courses)
    return enough is not None and found >= enough
