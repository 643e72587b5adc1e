"""Elasticsearch that lost its indices and templates, refuses our documents, or has a full disk."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from pipeline.index.documents import index_name
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import HELD_STATIONS, KafkaStates
from pipeline.records import HeldStation
from pipeline.settings import Settings
from tests.chaos.measure.verdict import INDICES, LOST, project_check
from tests.chaos.scenarios.registry import scenario
from tests.chaos.scenarios.stage import WORKERS, Evidence, Stage
from tests.chaos.world.direct import DAYS_IN_MONTH, MONTHS

_FREE_LEFT = 60_000_000  # below Elasticsearch's flood stage of deploy/local
_FULL_SECONDS = 45.0
_REFUSED_SECONDS = 5.0
_FOREIGN = {"title": {"type": "long"}}
_FREED_SECONDS = 90.0


def _empty(stage: Stage) -> None:
    """Indices, templates and component templates of the line are gone."""
    aliases = stage.world.own.index.aliases
    with stage.elasticsearch() as client:
        if indices := client.indices.get(index=",".join(f"{each}-*" for each in aliases)).body:
            client.indices.delete(index=",".join(indices))
        for alias in aliases:
            client.options(ignore_status=404).indices.delete_index_template(name=alias)
        parts = [f"{each}-{part}" for each in aliases for part in ("settings", "mappings")]
        for part in parts:
            client.options(ignore_status=404).cluster.delete_component_template(name=part)


@scenario("emptied", "indices, templates and aliases are deleted while everything runs")
def emptied(stage: Stage) -> Evidence:
    """What was indexed is gone with the indices: `pipeline check` says how much that is, and with
    --repair brings it back from Kafka."""
    with stage.busy(*WORKERS):
        time.sleep(5)
        _empty(stage)
        time.sleep(5)
        stage.quieten()
        stage.drained()
        gone = project_check(stage.world.own)
        left = project_check(stage.world.line, "--repair")
        wrong = [f"left by --repair: {each.count} {each.what}" for each in left]
        if LOST not in {each.kind for each in gone}:
            wrong.append("pipeline check does not know what was swallowed")
        told = ", ".join(f"{each.count} {each.kind}" for each in gone)
        return stage.judged(f"pipeline check found: {told or 'nothing'}", (), wrong)


@scenario("restored-empty", "Elasticsearch is emptied while it is away; then news goes on")
def restored_empty(stage: Stage) -> Evidence:
    """What comes after the outage must be indexed with our mapping and alias."""
    world = stage.world
    with stage.running(*WORKERS):
        stage.harm("cut", "elasticsearch", 3.0)
        _empty(stage)
        stage.harm("cut", "elasticsearch", 3.0)
        world.background.run(world.direct.new(100))
        return stage.judged("", [stage.recovery()])


@scenario("wrong-mapping", "indices with mappings not ours have the names of past months")
def wrong_mapping(stage: Stage) -> Evidence:
    """The station stops, says so, keeps the messages, and goes on once `pipeline check --repair`
    has made the indices anew: no good article ends as a dead letter."""
    world, wrong = stage.world, []
    with stage.running(*WORKERS):
        _make_foreign(stage)
        world.background.run(world.direct.captures(200, 1), 120)
        if stage.until(lambda: world.background.run(_held(world.own)), 60) is None:
            wrong.append("no station says that it is held")
        time.sleep(_REFUSED_SECONDS)
        if not stage.behind("index"):
            wrong.append("what is refused was acknowledged")
        if INDICES not in {each.kind for each in project_check(world.own)}:
            wrong.append("pipeline check does not know indices that are not ours")
        left = project_check(world.line, "--repair")
        wrong += [f"left by --repair: {each.count} {each.what}" for each in left]
        if stage.until(lambda: not world.background.run(_held(world.own)), 40) is None:
            wrong.append("a station still says that it is held")
        return stage.judged("", (), wrong)


def _make_foreign(stage: Stage) -> None:
    """Indices of the months that captures go to, as somebody else would make them."""
    now, alias = datetime.now(UTC), stage.world.own.index.articles
    days = range(MONTHS * DAYS_IN_MONTH)
    with stage.elasticsearch() as client:
        client.indices.delete_index_template(name=alias)
        for name in {index_name(alias, now - timedelta(days=day)) for day in days}:
            client.indices.create(index=name, mappings={"properties": _FOREIGN})


async def _held(line: Settings) -> list[HeldStation]:
    async with KafkaPublisher(line.kafka) as publisher:
        held = KafkaStates(line.kafka, line.topics.stations, publisher, HELD_STATIONS)
        return list((await held.load()).values())


@scenario("disk-full-elasticsearch", "the disk of Elasticsearch is full for 45 s")
def disk_full_elasticsearch(stage: Stage) -> Evidence:
    """Elasticsearch looks at its disk each half minute: it takes as long to open the indices."""
    disk = stage.world.servers.disks.get("elasticsearch")
    if disk is None:
        return Evidence(happened="no tmpfs may be mounted here", skipped=True)
    with stage.busy(*WORKERS):
        with disk.filled(leaving=_FREE_LEFT):
            time.sleep(_FULL_SECONDS)
        met = stage.recovery()
        return stage.judged("", [met], longest=_FREED_SECONDS)


@scenario("disk-full-kafka", "the disk of Kafka is full: the broker ends, and is started again")
def disk_full_kafka(stage: Stage) -> Evidence:
    servers = stage.world.servers
    disk = servers.disks.get("kafka")
    if disk is None:
        return Evidence(happened="no tmpfs may be mounted here", skipped=True)
    with stage.busy(*WORKERS):
        with disk.filled(leaving=0):
            stage.until(lambda: servers.pid("kafka") is None, 30)
            ended = servers.pid("kafka") is None
        if not ended:
            servers.kill("kafka")
        servers.start("kafka")
        met = stage.recovery()
        return stage.judged("the broker ended" if ended else "the broker was killed", [met])
