"""Elasticsearch that lost its indices and templates, refuses our documents, or has a full disk."""

from __future__ import annotations

import asyncio
import time

import msgspec
from elasticsearch import Elasticsearch

from pipeline import bootstrap
from tests.chaos.measure.verdict import repair
from tests.chaos.scenarios.registry import scenario
from tests.chaos.scenarios.stage import WORKERS, Evidence, Stage

_FREE_LEFT = 60_000_000  # below Elasticsearch's flood stage of deploy/local
_FULL_SECONDS = 45.0
_REFUSED_SECONDS = 10.0
_REFUSING = "refuses-our-documents"
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
    """What was indexed is gone with the indices: `pipeline check --repair` brings it back from
    Kafka, and with it what was written while the templates were missing."""
    with stage.busy(*WORKERS):
        _empty(stage)
        time.sleep(10)
        stage.quieten()
        stage.drained()
    found = repair(stage.world.line)
    with stage.running(*WORKERS):
        if found is None:
            asyncio.run(bootstrap.setup(stage.world.own, lambda _: None))
            return stage.judged("", (), ["there is no pipeline check --repair"])
        kinds = ", ".join(sorted({each.kind for each in found})) or "nothing"
        wrong = [] if found else ["pipeline check found nothing"]
        return stage.judged(f"pipeline check found {kinds}", (), wrong)


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


@scenario("wrong-mapping", "a template refuses our documents, and is mended")
def wrong_mapping(stage: Stage) -> Evidence:
    """The station stops, keeps the messages, and goes on: no article ends as a dead letter. The
    template meets the indices of months that are opened while it is there."""
    world, index = stage.world, stage.world.own.index
    with stage.running(*WORKERS):
        world.background.run(world.direct.new(50))
        stage.at_work()
        stage.drained()
        with stage.elasticsearch() as client:
            good = set(client.indices.get(index=f"{index.articles}-*").body)
            _put_refusing(client, index.articles)
        world.background.run(world.direct.captures(200, 1), 120)
        stage.until(lambda: not stage.behind("enrich", "backfill"), 60)
        time.sleep(_REFUSED_SECONDS)
        with stage.elasticsearch() as client:
            client.indices.delete_index_template(name=_REFUSING)
            opened = set(client.indices.get(index=f"{index.articles}-*").body) - good
            if opened:
                client.indices.delete(index=",".join(opened))
        evidence = stage.judged(f"{len(opened)} months were opened wrongly", [stage.recovery()])
        found = evidence.verdict
        buried = found.dead_letters if found else 0
        wrong = [f"{buried} dead letters of good articles"] if buried else []
        return msgspec.structs.replace(evidence, wrong=(*evidence.wrong, *wrong))


def _put_refusing(client: Elasticsearch, alias: str) -> None:
    client.indices.put_index_template(
        name=_REFUSING,
        index_patterns=[f"{alias}-*"],
        priority=1_000,
        template={"mappings": {"properties": {"title": {"type": "long"}}}, "aliases": {alias: {}}},
    )


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
