"""Which fault comes when: decided from a seed alone, before anything runs."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import msgspec

PROCESSES = ("feeds-1", "feeds-2", "enrich", "index-1", "index-2", "alert", "serve")
SERVERS = ("kafka", "elasticsearch")
_TOPICS = ("articles", "backfill", "enriched", "indexed")
_FIRST_SECONDS = 20.0  # the line is to be at work before the first fault
_EACH_SECONDS = 30.0  # from one fault to the next
_JITTER = 0.3
_ONCE = frozenset({"partitions"})  # each adds to what all that follows has to carry


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of fault, what it may hit, and the range of its length in seconds."""

    name: str
    targets: tuple[str, ...]
    seconds: tuple[float, float] = (0.0, 0.0)


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One fault: when it begins, in seconds from the start, and how long it lasts."""

    at: float
    fault: str
    target: str
    seconds: float


KINDS = (
    Kind(name="kill", targets=PROCESSES),
    Kind(name="kill-tree", targets=PROCESSES),
    Kind(name="stop", targets=(*PROCESSES, *SERVERS), seconds=(1, 60)),
    Kind(name="restart", targets=(*PROCESSES, *SERVERS)),
    Kind(name="kill-server", targets=SERVERS, seconds=(1, 15)),
    Kind(name="cut", targets=SERVERS, seconds=(2, 20)),
    Kind(name="slow", targets=SERVERS, seconds=(5, 20)),
    Kind(name="throttle", targets=SERVERS, seconds=(5, 20)),
    Kind(name="read-only", targets=("elasticsearch",), seconds=(3, 15)),
    Kind(name="answers-429", targets=("elasticsearch",), seconds=(3, 15)),
    Kind(name="answers-503", targets=("elasticsearch",), seconds=(3, 15)),
    Kind(name="poison", targets=_TOPICS),
    Kind(name="clock", targets=("revision", "first-seen", "feed-state")),
    Kind(name="partitions", targets=("articles", "enriched")),
)


def soak_plan(seed: int, minutes: float) -> tuple[Planned, ...]:
    """The faults of a soak, two a minute, in order of time; the same for the same arguments.

    Every kind hits each of its targets once before one comes again.
    """
    chance = random.Random(seed)
    count = int((minutes * 60 - _FIRST_SECONDS) / _EACH_SECONDS)
    chosen = _rounds(chance)
    return tuple(
        Planned(
            at=round(_FIRST_SECONDS + _EACH_SECONDS * (number + _JITTER * chance.random()), 1),
            fault=kind.name,
            target=target,
            seconds=_length(chance, kind),
        )
        for number, (kind, target) in zip(range(count), chosen, strict=False)
    )


def _rounds(chance: random.Random) -> Iterator[tuple[Kind, str]]:
    every = [(kind, target) for kind in KINDS for target in kind.targets]
    while True:
        chance.shuffle(every)
        yield from every
        every = [each for each in every if each[0].name not in _ONCE]


def _length(chance: random.Random, kind: Kind) -> float:
    """Short ones more often than long ones: the logarithm is even."""
    shortest, longest = kind.seconds
    if not longest:
        return 0.0
    return round(math.exp(chance.uniform(math.log(shortest), math.log(longest))), 1)
