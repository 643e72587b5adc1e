"""The whole line in one place: its processes, its progress, and when it is drained."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from pipeline.errors import ServiceUnavailable
from pipeline.folders import private
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.groups import Role, sources
from pipeline.runner.children import Child, ChildSpec, stop_all, worker_spec
from pipeline.runner.counts import COUNTS_VARIABLE, Counts, read_counts
from pipeline.settings import Settings

_TICK_SECONDS = 0.2
_LAG_SECONDS = 1.0


class Lags(msgspec.Struct, frozen=True, kw_only=True):
    """Messages not yet committed, by station."""

    enrich: int
    index: int
    backfill: int = 0
    alert: int = 0
    deliver: int = 0

    @property
    def drained(self) -> bool:
        """Whether no station has anything left to do, archived articles included. An alert that its
        destination did not take is no lag: it is tried again for days."""
        return not (self.enrich or self.backfill or self.index or self.alert or self.deliver)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the line has done and is doing. ``lags`` is None while Kafka does not answer."""

    counts: Counts
    lags: Lags | None
    restarts: int
    seconds: float


def specs(*, once: bool, sample: bool) -> tuple[ChildSpec, ...]:
    """The processes of a line: the feed consumer, one worker for each station, and, of a line that
    goes on, the web page."""
    feeds = ("feeds", *(("--once",) if once else ()), *(("--sample",) if sample else ()))
    return (
        *(worker_spec(role) for role in Role),
        ChildSpec(name="feeds", arguments=(*feeds, "--follow-parent"), ends=once),
        *(() if once else (ChildSpec(name="serve", arguments=("serve", "--follow-parent")),)),
    )


def settled(snapshot: Snapshot, feeds: int) -> bool:
    """Whether every feed was polled that is due, and all that came of it has gone through."""
    lags = snapshot.lags
    seen = snapshot.counts.polled + snapshot.counts.not_due
    return seen >= feeds and lags is not None and lags.drained


def measure_lags(cluster: Cluster, settings: Settings) -> Lags:
    """Ask in the order of the line: what a station has committed is then already counted for the
    next."""
    enrich, backfill, index, alert, deliver = (
        cluster.lag(source.group, source.topic).behind
        for role in (Role.ENRICH, Role.INDEX, Role.ALERT)
        for source in sources(settings.kafka, settings.topics, role)
    )
    return Lags(enrich=enrich, backfill=backfill, index=index, alert=alert, deliver=deliver)


class Line:
    """Starts the processes and keeps them running until stopped or drained."""

    def __init__(self, settings: Settings, children: Sequence[ChildSpec], run_dir: Path) -> None:
        self._settings = settings
        self._run_dir = run_dir
        private(run_dir)
        # A line that is to end must end, if need be by giving up; one that monitors goes on.
        most_quick_deaths = 5 if any(spec.ends for spec in children) else None
        self._children = [
            Child(
                spec,
                log=settings.data_dir / "logs" / f"{spec.name}.log",
                environment={COUNTS_VARIABLE: str(run_dir)},
                backoff_seconds=settings.workers.restart_backoff_seconds,
                most_quick_deaths=most_quick_deaths,
            )
            for spec in children
        ]
        self._cluster: Cluster | None = None

    def run(self, stop: threading.Event, on_progress: Callable[[Snapshot], None]) -> Snapshot:
        """Run until ``stop`` is set, or, when a child ends, until everything is drained.

        ``on_progress`` hears about once a second. All children are stopped before this returns.
        Raises PipelineError when a child cannot run at all.
        """
        started = time.monotonic()
        try:
            while True:
                snapshot = self._advance(started)
                on_progress(snapshot)
                if stop.is_set() or self._drained(snapshot):
                    return snapshot
                self._tend(stop)
        finally:
            stop_all(self._children)
            self._disconnect()

    def _advance(self, started: float) -> Snapshot:
        return Snapshot(
            counts=read_counts(self._run_dir),
            lags=self._lags(),
            restarts=sum(child.restarts for child in self._children),
            seconds=time.monotonic() - started,
        )

    def _drained(self, snapshot: Snapshot) -> bool:
        ending = [child for child in self._children if child.spec.ends]
        done = bool(ending) and all(child.finished for child in ending)
        # Measured again after the feed consumer was seen to have ended: it may have published
        # between the snapshot's measurement and its end.
        lags = self._lags() if done else None
        return snapshot.lags is not None and lags is not None and lags.drained

    def _tend(self, stop: threading.Event) -> None:
        until = time.monotonic() + _LAG_SECONDS
        while (now := time.monotonic()) < until and not stop.is_set():
            for child in self._children:
                child.poll(now)
            time.sleep(_TICK_SECONDS)

    def _lags(self) -> Lags | None:
        try:
            if self._cluster is None:
                self._cluster = Cluster(self._settings.kafka)
            return measure_lags(self._cluster, self._settings)
        except ServiceUnavailable:
            self._disconnect()
            return None

    def _disconnect(self) -> None:
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None
