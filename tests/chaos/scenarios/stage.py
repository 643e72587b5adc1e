"""What a scenario has at hand: a world of its own, and what one does to a line and asks of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from pipeline.kafka.cluster import Cluster
from tests.chaos.faults import FAULTS, Scene
from tests.chaos.harness.probe import FirstAnswer
from tests.chaos.harness.processes import Processes
from tests.chaos.measure.progress import Progress, Sample
from tests.chaos.measure.recovery import Recovery, measure
from tests.chaos.measure.verdict import Verdict, undelivered, verdict
from tests.chaos.results import LONGEST_SECONDS
from tests.chaos.world.world import World

WORKERS = ("enrich", "index-1", "index-2", "alert")
PAGES = 800
"""In an archive that is to be under way for some seconds."""

_START_SECONDS = 60.0
_DRAIN_SECONDS = 60.0
_LONGEST_DRAIN = 480.0
_QUIET_SECONDS = 2.0
_EACH_SECOND = 15
_WORKER = {
    "enrich": "enrich",
    "backfill": "enrich",
    "index": "index",
    "alert": "alert",
    "deliver": "alert",
}


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a scenario saw. ``wrong`` are the promises that were not kept, beside the verdict."""

    happened: str = ""
    verdict: Verdict | None = None
    seconds: float | None = None
    longest: float = LONGEST_SECONDS
    wrong: Sequence[str] = ()
    skipped: bool = False

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        clean = self.verdict is None or not self.verdict.findings
        quick = self.seconds is None or self.seconds < self.longest
        return clean and quick and not self.wrong

    def text(self) -> str:
        """What happened, and what does not hold, in one line."""
        found = self.verdict.findings if self.verdict else ()
        late = self.seconds is not None and self.seconds >= self.longest
        slow = [f"recovered after {self.seconds} s, {self.longest:.0f} s allowed"] if late else []
        broken = [*self.wrong, *slow, *(f"{each.count} {each.what}" for each in found)]
        if self.verdict:
            counts = f"{self.verdict.produced} articles, {self.verdict.indexed} indexed"
            parts = [counts, self.happened, *broken]
        else:
            parts = [self.happened, *broken]
        return "; ".join(part for part in parts if part)


class Stage:
    """``processes`` and ``progress`` are there within :meth:`running`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.processes: Processes
        self.progress: Progress
        self._stopped: asyncio.Event
        self._going: Future[None] | None = None

    @contextmanager
    def running(self, *names: str) -> Iterator[None]:
        """These processes run until the end of the context."""
        with (
            Processes(self.world.line, self.world.folder, names) as self.processes,
            Progress(self.world.own) as self.progress,
        ):
            yield

    @contextmanager
    def busy(self, *names: str) -> Iterator[None]:
        """These processes run, at work, and are given messages all the time."""
        with self.running(*names), self.trickle():
            self.at_work()
            yield

    @contextmanager
    def trickle(self) -> Iterator[None]:
        """Some messages of all kinds every second; feeds bring something new with each answer."""
        self._stopped = asyncio.Event()
        self.world.site.new = lambda: 2
        self._going = self.world.background.begin(self._trickle(self._stopped))
        try:
            yield
        finally:
            self.quieten()

    def quieten(self) -> None:
        """Nothing new comes any more."""
        self.world.site.new = lambda: 0
        if self._going is not None:
            self.world.background.call(self._stopped.set)
            going, self._going = self._going, None
            going.result(120)

    async def _trickle(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            await self.world.direct.publish(_EACH_SECOND)
            await asyncio.sleep(1)

    def at_work(self) -> None:
        """Return when every station whose process runs has committed something, and every feed
        whose consumer runs was asked. What archives bring is news to no alert."""
        mine = {each.partition("-")[0] for each in self.processes.names}
        feeds = self.world.site.feeds if "feeds" in mine else []
        self.until(
            lambda: (
                all(self.committed(name) for name in ("enrich", "index") if name in mine)
                and (self.committed("alert") or not self.behind("alert"))
                and all(each.asked for each in feeds)
            ),
            _START_SECONDS,
        )

    def ingesting(self) -> None:
        """Return when `pipeline ingest` has delivered the first of an archive."""
        line = self.world.own
        with Cluster(line.kafka) as cluster:
            self.until(lambda: cluster.end_offset(line.topics.ingests), _START_SECONDS)

    def committed(self, station: str) -> int:
        """The sum of a station's committed offsets."""
        found = self.progress.last.stations.get(station)
        return found.committed if found else 0

    def behind(self, *stations: str) -> int:
        """The messages that wait before these stations; before all where none is named."""
        now = self.sample().stations
        return sum(each.behind for name, each in now.items() if not stations or name in stations)

    def sample(self) -> Sample:
        """How far those stations are whose processes run."""
        mine = {each.partition("-")[0] for each in self.processes.names}
        last = self.progress.last
        stations = {name: each for name, each in last.stations.items() if _WORKER[name] in mine}
        return Sample(at=last.at, stations=stations)

    def until(self, condition: Callable[[], Any], seconds: float) -> float | None:
        """Seconds until something holds; None where it does not in time."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if condition():
                return round(time.monotonic() - began, 2)
            time.sleep(0.1)
        return None

    def harm(self, fault: str, target: str, seconds: float = 0.0) -> Recovery:
        """Do one fault, and wait for the recovery from it."""
        FAULTS[fault](Scene(self.world, self.processes), target, seconds)
        found = self.recovery(serve=target in {"serve"} & set(self.processes.names))
        print(f"         {fault} {target}: {found.text}", flush=True)
        return found

    def recovery(self, *, serve: bool = False) -> Recovery:
        """Wait until everything that runs goes on, from now."""
        ended = time.monotonic()
        page = FirstAnswer(self.world.line.api.port, ended)
        feeds = any(each.startswith("feeds") for each in self.processes.names)

        def lateness() -> Mapping[str, float | None]:
            silence = self.world.site.silence(ended) if feeds else {}
            return silence | ({"serve": page.seconds()} if serve else {})

        return measure(ended, self.sample(), self.sample, lateness)

    def drained(self, seconds: float = _DRAIN_SECONDS) -> str | None:
        """Wait until nothing waits any more; what still does where nothing moved for so long."""
        feeds = any(each.startswith("feeds") for each in self.processes.names)
        began = quiet_since = moved_at = time.monotonic()
        before: tuple[object, ...] = ()
        while (now := time.monotonic()) - moved_at < seconds and now - began < _LONGEST_DRAIN:
            unread = self.world.site.unsettled() if feeds else []
            found = (self.sample().stations, unread, self.world.receiver.taken.total())
            if found != before:
                before, moved_at = found, now
            if self.behind() or unread or moved_at == now:
                quiet_since = now
            if now - quiet_since > _QUIET_SECONDS:
                if not self._undelivered():
                    return None
                quiet_since = now
            time.sleep(0.1)
        late = {name: each.behind for name, each in self.sample().stations.items()}
        waiting = [f"{name} {count}" for name, count in late.items() if count]
        waiting += self.world.site.unsettled() if feeds else []
        waiting += [f"{self._undelivered()} deliveries"] if not waiting else []
        return f"not through after {time.monotonic() - began:.0f} s: {', '.join(waiting)}"

    def _undelivered(self) -> int:
        return undelivered(self.world.own) if "alert" in self.processes.names else 0

    def judged(
        self,
        happened: str = "",
        recoveries: Sequence[Recovery] = (),
        wrong: Sequence[str] = (),
        *,
        longest: float = LONGEST_SECONDS,
    ) -> Evidence:
        """Drain the line, and compare what was made with what is there."""
        self.quieten()
        self.world.finish()
        late = self.drained()
        alerting = "alert" in self.processes.names
        received = frozenset(self.world.receiver.taken) if alerting else None
        lag = {name: each.behind for name, each in self.sample().stations.items()}
        found = verdict(self.world.own, self.world.record, received, lag)
        seconds = [each.seconds for each in recoveries if each.seconds is not None]
        stuck = [f"no recovery: {each.last}" for each in recoveries if each.seconds is None]
        gave_up = [f"{name} gave up: {why}" for name, why in self.processes.hopeless.items()]
        buried = [f"{n} good articles are dead letters: {why}" for why, n in found.buried.items()]
        return Evidence(
            happened=happened,
            verdict=found,
            seconds=max(seconds, default=None),
            longest=longest,
            wrong=(*wrong, *stuck, *gave_up, *buried, *([late] if late else [])),
        )

    @contextmanager
    def elasticsearch(self) -> Iterator[Elasticsearch]:
        """A client around the proxy."""
        hosts = self.world.own.elasticsearch.hosts
        with Elasticsearch(hosts, request_timeout=60) as client:
            yield client
