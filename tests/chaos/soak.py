"""The whole line for minutes under random faults of a fixed seed, and what came of it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.faults import FAULTS, Scene
from tests.chaos.harness.background import Background
from tests.chaos.harness.probe import FirstAnswer
from tests.chaos.harness.processes import Processes
from tests.chaos.harness.servers import Servers
from tests.chaos.measure.memory import Memory, growth
from tests.chaos.measure.progress import Progress
from tests.chaos.measure.recovery import Recovery, measure
from tests.chaos.measure.verdict import undelivered, verdict
from tests.chaos.plan import SERVERS, Planned, soak_plan
from tests.chaos.results import Met, Soak, recoveries
from tests.chaos.supply import Supply
from tests.chaos.world.world import World, world

FEEDS = 24
SLOW_FEEDS = 2
_START_SECONDS = 240.0
_DRAIN_SECONDS = 300.0
_QUIET_SECONDS = 5.0
_TELL_SECONDS = 5.0


class Run:
    """One soak under way."""

    def __init__(self, scene: Scene, progress: Progress, supply: Supply) -> None:
        self.scene = scene
        self.met: list[Met] = []
        self._progress = progress
        self._supply = supply
        self._started = time.monotonic()
        self._told = 0.0

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._started

    def go(self, plan: tuple[Planned, ...], until: float) -> None:
        """Each fault at its time, or, where the one before took longer, after it; then wait."""
        for each in plan:
            self._wait(each.at)
            if self.seconds > until:
                break
            self._meet(each)
        self._wait(until)

    def _wait(self, until: float) -> None:
        while (left := until - self.seconds) > 0:
            self._tell()
            time.sleep(min(left, 0.5))

    def sleep(self, seconds: float) -> None:
        """Wait out the length of a fault."""
        self._wait(self.seconds + seconds)

    def _meet(self, planned: Planned) -> None:
        at = self.seconds
        length = f" for {planned.seconds:.0f} s" if planned.seconds else ""
        what = f"{planned.fault} {planned.target}{length}"
        print(f"{at:6.0f} s  {what}", flush=True)
        scene = self.scene._replace(sleep=self.sleep)
        FAULTS[planned.fault](scene, planned.target, planned.seconds)
        recovery = self._recovery(planned)
        self.met.append(Met(planned=planned, at=round(at, 1), recovery=recovery))
        print(f"{self.seconds:6.0f} s  {what}: {recovery.text}", flush=True)

    def _recovery(self, planned: Planned) -> Recovery:
        ended, world = time.monotonic(), self.scene.world
        page = FirstAnswer(world.line.api.port, ended)

        def lateness() -> dict[str, float | None]:
            self._tell()
            asked = planned.target in {"serve", *SERVERS}
            served = {"serve": page.seconds()} if asked else {}
            return world.site.silence(ended) | served

        return measure(ended, self._progress.last, lambda: self._progress.last, lateness)

    def _tell(self) -> None:
        if self.seconds - self._told < _TELL_SECONDS:
            return
        self._told = self.seconds
        print(
            f"{self.seconds:6.0f} s  {self.scene.world.record.count()} articles,"
            f" {self._progress.last.behind} waiting, {self._supply.rate:.0f} a second,"
            f" {len(self.met)} faults",
            flush=True,
        )

    def drain(self) -> float | None:
        """Seconds until the line is through and has been quiet for a while; None: it is not."""
        began = time.monotonic()
        quiet_since, taken = began, -1
        while time.monotonic() - began < _DRAIN_SECONDS:
            self._tell()
            world, now = self.scene.world, self.scene.world.receiver.taken.total()
            busy = self._progress.last.behind or world.site.unsettled() or now != taken
            taken = now
            quiet_since = time.monotonic() if busy else quiet_since
            if time.monotonic() - quiet_since > _QUIET_SECONDS:
                if not undelivered(world.own):
                    return round(quiet_since - began, 1)
                quiet_since = time.monotonic()
            time.sleep(0.5)
        return None


def run_soak(minutes: float, seed: int, folder: Path) -> tuple[Soak, Memory]:
    """Run it, and judge. Ctrl-C ends the faults, a second one the wait until the line is through;
    what is known so far is judged then."""
    plan, interrupted = soak_plan(seed, minutes), False
    with ExitStack() as held:
        background = held.enter_context(Background())
        servers = held.enter_context(Servers(folder / "servers", background))
        around = held.enter_context(
            world(servers, background, folder / "world", seed, feeds=FEEDS, slow=SLOW_FEEDS)
        )
        processes = held.enter_context(Processes(around.line, around.folder))
        progress = held.enter_context(Progress(around.own))
        memory = held.enter_context(Memory(lambda: _pids(processes, servers)))
        supply = Supply(around, progress)
        with supply:
            _wait_for_start(around, progress)
            run = Run(Scene(around, processes), progress, supply)
            try:
                run.go(plan, minutes * 60)
            except KeyboardInterrupt:
                interrupted = True
            seconds = run.seconds
        drained = None
        try:
            around.finish()
            drained = run.drain()
        except KeyboardInterrupt:
            interrupted = True
        taken = around.receiver.taken
        lag = {name: each.behind for name, each in progress.last.stations.items()}
        found = verdict(around.own, around.record, frozenset(taken), lag)
        result = Soak(
            seed=seed,
            minutes=minutes,
            seconds=round(seconds, 1),
            drained=drained,
            made=around.record.counts(),
            verdict=found,
            recoveries=recoveries(run.met),
            met=run.met,
            memory={name: growth(points) for name, points in sorted(memory.points.items())},
            restarts=processes.restarts,
            hopeless=processes.hopeless,
            ingests=supply.ingests,
            ingests_failed=supply.failed,
            ingests_stuck=supply.stuck,
            delivered=len(taken),
            delivered_again=taken.total() - len(taken),
            plan=plan,
            interrupted=interrupted,
            unread=around.site.unsettled(),
        )
    return result, memory


def _wait_for_start(around: World, progress: Progress) -> None:
    """The line is at work: every station has committed, and every feed was asked."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        stations = progress.last.stations
        at_work = bool(stations) and all(each.committed for each in stations.values())
        if at_work and all(each.asked for each in around.site.feeds):
            return
        time.sleep(0.5)
    idle = [name for name, each in progress.last.stations.items() if not each.committed]
    raise SystemExit(f"the line did not start within {_START_SECONDS:.0f} s: {', '.join(idle)}")


def _pids(processes: Processes, servers: Servers) -> dict[str, list[int]]:
    of_servers = {name: servers.pid(name) for name in SERVERS}
    return {name: processes.tree(name) for name in processes.names} | {
        name: [pid] for name, pid in of_servers.items() if pid is not None
    }
