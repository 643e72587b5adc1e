"""Processes that die, stop and are restarted, each of them in turn, while the line is busy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from tests.chaos.harness.processes import NAMES
from tests.chaos.scenarios.registry import scenario
from tests.chaos.scenarios.stage import PAGES, WORKERS, Evidence, Stage
from tests.chaos.world.archives import ingest
from tests.running import PROJECT, environment

_ONE_OF_EACH = ("feeds-1", "enrich", "index-1", "alert", "serve")
_STOPPED_SECONDS = 8.0  # longer than a session of the stations
_ENDED_SECONDS = 5.0
_HARD_TO_KILL = ("feeds", "work", "serve")


def _each(stage: Stage, fault: str, seconds: float = 0.0) -> Evidence:
    with stage.busy(*NAMES):
        met = {name: stage.harm(fault, name, seconds) for name in _ONE_OF_EACH}
        slowest = max(met, key=lambda name: met[name].seconds or 0.0)
        return stage.judged(f"slowest: {slowest}", list(met.values()))


@scenario("kill", "SIGKILL for one process of each kind", feeds=6)
def kill(stage: Stage) -> Evidence:
    return _each(stage, "kill")


@scenario("kill-tree", "SIGKILL for one of each kind, its supervisor and children at once", feeds=6)
def kill_tree(stage: Stage) -> Evidence:
    return _each(stage, "kill-tree")


@scenario("stop", "SIGSTOP for one process of each kind for 8 s", feeds=6)
def stop(stage: Stage) -> Evidence:
    return _each(stage, "stop", _STOPPED_SECONDS)


@scenario("restart", "SIGTERM for one process of each kind, and started again", feeds=6)
def restart(stage: Stage) -> Evidence:
    return _each(stage, "restart")


@scenario("burst", "SIGTERM, SIGINT and SIGKILL for all workers within a second, three times")
def burst(stage: Stage) -> Evidence:
    with stage.busy(*WORKERS):
        met = []
        for _ in range(3):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
                for name in WORKERS:
                    stage.processes.signal(name, number)
                time.sleep(0.3)
            met.append(stage.recovery())
        return stage.judged("", met)


@scenario("kill-model", "SIGKILL for the model's processes, three times")
def kill_model(stage: Stage) -> Evidence:
    with stage.busy(*WORKERS):
        met = []
        for _ in range(3):
            for pid in stage.processes.tree("enrich")[2:]:
                os.kill(pid, signal.SIGKILL)
            met.append(stage.recovery())
            time.sleep(2)
        return stage.judged("", met)


@scenario("between-bulk-and-commit", "SIGKILL for index workers between write and commit")
def between_bulk_and_commit(stage: Stage) -> Evidence:
    """The kill comes as soon as documents are written: commits are made twice a second."""
    world, kills, met = stage.world, 0, []
    world.background.run(world.direct.new(200))
    with stage.running(*WORKERS):
        stage.at_work()
        for _ in range(3):
            before = _documents(stage)
            world.background.run(world.direct.new(100))
            written = stage.until(lambda b=before: _documents(stage) > b, 30)
            ahead = _documents(stage) > stage.committed("index")
            for name in ("index-1", "index-2"):
                stage.processes.kill(name)
            kills += written is not None and ahead
            met.append(stage.recovery())
        return stage.judged(f"{kills} of 3 kills met documents without a commit", met)


def _documents(stage: Stage) -> int:
    """Articles written, whether or not they can be found yet."""
    alias = stage.world.own.index.articles
    with stage.elasticsearch() as client:
        stats = client.indices.stats(index=f"{alias}-*", metric="indexing")
    return int(stats["_all"]["primaries"].get("indexing", {}).get("index_total", 0))


@scenario("second-interrupt", "Ctrl-C twice while Kafka is paused: all end within 5 s", feeds=3)
def second_interrupt(stage: Stage) -> Evidence:
    world, wrong = stage.world, []
    archive = world.archives.write(PAGES, pages=True)
    with stage.busy("feeds-1", "enrich", "index-1"):
        started = [_begun(stage, command) for command in _HARD_TO_KILL]
        time.sleep(8)
        started.append(ingest(world.line, archive, world.folder / "logs" / "ingest.log"))
        stage.ingesting()
        world.servers.pause("kafka")
        time.sleep(8)
        for process in started:
            process.send_signal(signal.SIGINT)
        time.sleep(1)
        for process in started:
            process.send_signal(signal.SIGINT)
        until = time.monotonic() + _ENDED_SECONDS
        for name, process in zip((*_HARD_TO_KILL, "ingest"), started, strict=True):
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                wrong.append(f"{name} has not ended")
                process.kill()
                process.wait()
        world.servers.resume("kafka")
        met = stage.recovery()
        done = ingest(world.line, archive, world.folder / "logs" / "ingest.log")
        try:
            done.wait(120)
        except subprocess.TimeoutExpired:
            wrong.append("ingest after the outage has not ended")
            done.kill()
            done.wait()
    with stage.running(*WORKERS, "feeds-1"):
        return stage.judged("", [met], wrong)


def _begun(stage: Stage, command: str) -> subprocess.Popen[bytes]:
    log = stage.world.folder / "logs" / f"{command}.log"
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", command],
            env=environment(stage.world.line),
            cwd=PROJECT,
            stdout=output,
            stderr=output,
        )
