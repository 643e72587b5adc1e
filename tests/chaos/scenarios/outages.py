"""Servers that die, hang, restart, refuse or are out of reach while the line is busy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.harness.processes import NAMES
from tests.chaos.harness.proxy import FAIR, Weather
from tests.chaos.measure.lines import written
from tests.chaos.plan import SERVERS
from tests.chaos.scenarios.registry import scenario
from tests.chaos.scenarios.stage import PAGES, WORKERS, Evidence, Stage
from tests.chaos.world.archives import ingest

_GO_ON_SECONDS = 10.0
_PAUSED_SECONDS = 50.0
_BAD_SECONDS = 8.0
_REFUSED_SECONDS = 6.0
_TOLD_SECONDS = 10.0  # a cause is told once in so many
_LINES_A_SECOND = 3.0  # of one process, tracebacks with it: there are few causes


def _harmed(stage: Stage, harms: Sequence[tuple[str, str, float]], longest: float) -> Evidence:
    with stage.busy(*NAMES):
        met = [stage.harm(fault, target, seconds) for fault, target, seconds in harms]
        return stage.judged("", met, longest=longest)


@scenario("kill-servers", "SIGKILL for Kafka, then Elasticsearch, each gone for 5 s", feeds=6)
def kill_servers(stage: Stage) -> Evidence:
    return _harmed(stage, [("kill-server", name, 5.0) for name in SERVERS], 30.0)


@scenario("restart-servers", "Kafka, then Elasticsearch, restarted in order", feeds=6)
def restart_servers(stage: Stage) -> Evidence:
    return _harmed(stage, [("restart", name, 0.0) for name in SERVERS], 30.0)


@scenario("broker-paused", "Kafka paused for 50 s: all go on within 10 s", feeds=6)
def broker_paused(stage: Stage) -> Evidence:
    """`pipeline ingest` is under way when it happens, and must come to its end by itself."""
    world = stage.world
    archive = world.archives.write(PAGES, pages=True)
    with stage.busy(*NAMES):
        reading = ingest(world.line, archive, world.folder / "logs" / "ingest.log")
        stage.ingesting()
        met = stage.harm("stop", "kafka", _PAUSED_SECONDS)
        late = stage.until(lambda: reading.poll() is not None, 40) is None
        wrong = ["ingest did not come back within 40 s"] if late else []
        if reading.poll() != 0:
            reading.kill()
            reading.wait()
            ingest(world.line, archive, world.folder / "logs" / "ingest.log").wait(120)
        return stage.judged("", [met], wrong, longest=_GO_ON_SECONDS)


@scenario("elasticsearch-paused", "Elasticsearch paused for 33 s, beyond its clients' time-out")
def elasticsearch_paused(stage: Stage) -> Evidence:
    with stage.busy(*WORKERS):
        met = stage.harm("stop", "elasticsearch", 33.0)
        return stage.judged("", [met])


@scenario("cut", "the network to Kafka, then to Elasticsearch, cut for 8 s", feeds=6)
def cut(stage: Stage) -> Evidence:
    return _harmed(stage, [("cut", name, _BAD_SECONDS) for name in SERVERS], 30.0)


@scenario("slow", "each answer of Kafka, then of Elasticsearch, 100 ms late for 8 s", feeds=6)
def slow(stage: Stage) -> Evidence:
    return _harmed(stage, [("slow", name, _BAD_SECONDS) for name in SERVERS], 30.0)


@scenario("throttled", "500 kB a second to and from Kafka, then Elasticsearch, for 8 s", feeds=6)
def throttled(stage: Stage) -> Evidence:
    return _harmed(stage, [("throttle", name, _BAD_SECONDS) for name in SERVERS], 30.0)


@scenario("refusals", "Elasticsearch answers 429, then 503, for 6 s each; then is read-only")
def refusals(stage: Stage) -> Evidence:
    with stage.busy(*WORKERS):
        names = ("answers-429", "answers-503", "read-only")
        return stage.judged(
            "", [stage.harm(name, "elasticsearch", _REFUSED_SECONDS) for name in names]
        )


@scenario("down-at-start", "Kafka, then Elasticsearch, are not there when all processes start")
def down_at_start(stage: Stage) -> Evidence:
    met = []
    for name in SERVERS:
        stage.world.background.run(stage.world.direct.new(50))
        stage.world.servers.weather(name, Weather(down=True))
        with stage.running(*WORKERS):
            time.sleep(12)
            stage.world.servers.weather(name, FAIR)
            met.append(stage.recovery())
            if name == SERVERS[-1]:
                return stage.judged("", met)
            stage.drained()
    raise AssertionError("the last server returns")


@scenario("ingest-waits", "`pipeline ingest` begun while Kafka is away, which returns after 10 s")
def ingest_waits(stage: Stage) -> Evidence:
    world, log = stage.world, stage.world.folder / "logs" / "ingest.log"
    archive = world.archives.write(100)
    log.parent.mkdir(exist_ok=True)
    world.servers.weather("kafka", Weather(down=True))
    reading = ingest(world.line, archive, log)
    time.sleep(10)
    gave_up = reading.poll() is not None
    world.servers.weather("kafka", FAIR)
    wrong = ["it gave up while Kafka was away"] if gave_up else []
    if stage.until(lambda: reading.poll() is not None, 60) is None:
        wrong.append("it did not go on")
        reading.kill()
    if reading.wait() != 0:
        ingest(world.line, archive, log).wait(120)
    with stage.running(*WORKERS):
        return stage.judged("", (), wrong)


@scenario("outage-lines", "what each process logs while Kafka is out of reach for 20 s", feeds=3)
def outage_lines(stage: Stage) -> Evidence:
    """A line for each cause in ten seconds. A bound of all of them: the causes are not made up."""
    logs = stage.world.folder / "logs"
    with stage.busy(*NAMES):
        before = {name: len(_lines(logs / f"{name}.log")) for name in NAMES}
        met = stage.harm("cut", "kafka", 20.0)
        told = {
            name: written(_lines(logs / f"{name}.log")[before[name] :], _TOLD_SECONDS)
            for name in NAMES
        }
        most = _LINES_A_SECOND * (20.0 + (met.seconds or 0.0))
        many = [f"{name}: {each.lines} lines" for name, each in told.items() if each.lines > most]
        twice = [f"{name} repeats {cause}" for name in told for cause in told[name].repeated]
        longest = max(each.lines for each in told.values())
        return stage.judged(
            f"at most {longest} lines, each cause once in 10 s", [met], many + twice
        )


def _lines(log: Path) -> list[str]:
    return log.read_text(errors="replace").splitlines() if log.exists() else []
