"""Every scenario, one after another on the same servers, each with a line of its own."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.harness.background import Background
from tests.chaos.harness.proxy import FAIR
from tests.chaos.harness.servers import Servers
from tests.chaos.plan import SERVERS
from tests.chaos.results import Row
from tests.chaos.scenarios import SCENARIOS, Scenario
from tests.chaos.scenarios.registry import row
from tests.chaos.scenarios.stage import Evidence, Stage
from tests.chaos.world.world import world


def chosen(only: str | None) -> list[Scenario]:
    """The scenarios of these names, with commas; all where none is given."""
    if only is None:
        return list(SCENARIOS.values())
    unknown = sorted(set(only.split(",")) - SCENARIOS.keys())
    if unknown:
        raise SystemExit(f"no scenario {unknown[0]}; there are: {', '.join(SCENARIOS)}")
    return [SCENARIOS[name] for name in only.split(",")]


def run_chaos(seed: int, only: str | None, folder: Path) -> Iterator[Row]:
    """A row for each scenario, as it ends."""
    scenarios = chosen(only)
    with ExitStack() as held:
        background = held.enter_context(Background())
        servers = held.enter_context(Servers(folder / "servers", background, small_disks=True))
        for number, each in enumerate(scenarios):
            yield _played(each, servers, background, folder / each.name, seed + number)
            _restore(servers)


def _played(
    each: Scenario, servers: Servers, background: Background, folder: Path, seed: int
) -> Row:
    began = time.monotonic()
    try:
        with world(servers, background, folder, seed, feeds=each.feeds, slow=each.slow) as around:
            evidence = each.play(Stage(around))
    except Exception as error:
        # A scenario that breaks has shown nothing: a row like another, and the others go on.
        traceback.print_exc()
        evidence = Evidence(wrong=(f"broke off: {type(error).__name__}: {error}"[:300],))
    return row(each, evidence, time.monotonic() - began)


def _restore(servers: Servers) -> None:
    """Whatever a scenario left behind: both servers run and are within reach."""
    for name in SERVERS:
        servers.resume(name)
        servers.weather(name, FAIR)
        if servers.pid(name) is None:
            servers.start(name)


def good(rows: Sequence[Row]) -> bool:
    """Whether every promise was kept."""
    return all(each.ok for each in rows)
