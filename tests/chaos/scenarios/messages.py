"""Messages that are not what they should be, clocks that are wrong, topics that change."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec
from kafka import KafkaAdminClient

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.connection import client_options
from tests.chaos.faults import Scene, add_partition, wrong_feed_state
from tests.chaos.harness.processes import NAMES
from tests.chaos.measure.progress import station_sources
from tests.chaos.scenarios.registry import scenario
from tests.chaos.scenarios.stage import WORKERS, Evidence, Stage
from tests.chaos.world.direct import Family

_READ_SECONDS = 60.0
_INTO_THE_INDEX = ("enrich", "backfill", "index")
_TOPICS = ("articles", "backfill", "enriched", "indexed")


@scenario("poison", "messages that are no records on four topics, while an index worker is killed")
def poison(stage: Stage) -> Evidence:
    with stage.busy(*WORKERS):
        for topic in _TOPICS:
            stage.harm("poison", topic)
        met = [stage.harm("kill", "index-1"), stage.harm("kill", "enrich")]
        return stage.judged("", met)


@scenario("poisoned-states", "messages that are no records on the compacted topics", feeds=3)
def poisoned_states(stage: Stage) -> Evidence:
    direct, topics = stage.world.direct, stage.world.own.topics
    for topic in (topics.feeds, topics.searches, topics.deliveries, topics.ingests):
        stage.world.background.run(direct.raw(topic, [b"\xff\xfe", b"{", b"[]", b"{}"]))
    with stage.busy("feeds-1", *WORKERS):
        return stage.judged("", [stage.harm("restart", "feeds-1"), stage.harm("kill", "alert")])


@scenario("large", "twenty articles of 2 MB among small ones: each a dead letter, whole")
def large(stage: Stage) -> Evidence:
    world = stage.world
    with stage.busy(*WORKERS):
        world.background.run(world.direct.large(20), 120)
        return stage.judged()


@scenario("clock-revision", "a revision of 2^53 before a correction by a good clock")
def clock_revision(stage: Stage) -> Evidence:
    with stage.busy(*WORKERS):
        stage.world.begin(stage.world.direct.wrong_revision(6.0))
        return stage.judged()


@scenario("clock-first-seen", "articles that were first seen in 400 days")
def clock_first_seen(stage: Stage) -> Evidence:
    with stage.busy(*WORKERS):
        for _ in range(3):
            stage.world.background.run(stage.world.direct.wrong_first_seen())
        evidence = stage.judged()
    ahead = str(datetime.now(UTC).year + 1)
    with stage.elasticsearch() as client:
        opened = [name for name in client.indices.get(index=f"{_alias(stage)}-*") if ahead in name]
    wrong = [f"index {name} was opened" for name in opened]
    return msgspec.structs.replace(evidence, wrong=(*evidence.wrong, *wrong))


def _alias(stage: Stage) -> str:
    return stage.world.own.index.articles


@scenario("clock-feed-state", "a clock 400 days ahead wrote the state of a feed", feeds=6)
def clock_feed_state(stage: Stage) -> Evidence:
    with stage.busy("feeds-1", "feeds-2", *WORKERS):
        stage.until(lambda: not stage.world.site.unsettled(), 30)
        wrong_feed_state(Scene(stage.world, stage.processes))
        return stage.judged("", [stage.recovery()])


@scenario("partitions-added", "topics get one partition more while everything runs", feeds=3)
def partitions_added(stage: Stage) -> Evidence:
    """News is put on all partitions: what is on the new ones must be read within a minute."""
    line, wrong = stage.world.own, []
    read = station_sources(line)
    with stage.busy(*NAMES):
        new = {name: add_partition(line, read[name].topic) for name in _INTO_THE_INDEX}
        with Cluster(line.kafka) as cluster:

            def unread() -> list[str]:
                return [
                    name
                    for name, number in new.items()
                    if not cluster.commits(read[name].group, read[name].topic).get(number)
                ]

            took = stage.until(lambda: not unread(), _READ_SECONDS)
            if took is None:
                wrong.append(f"the new partitions are not read: {', '.join(unread())}")
        evidence = stage.judged("", (), wrong)
        return msgspec.structs.replace(evidence, seconds=took, longest=_READ_SECONDS)


@scenario("topic-made-again", "a topic that was read to its end is deleted and made again")
def topic_made_again(stage: Stage) -> Evidence:
    world, wrong = stage.world, []
    world.background.run(world.direct.new(100))
    with stage.running(*WORKERS):
        stage.at_work()
        stage.drained()
        client = KafkaAdminClient(**client_options(world.own.kafka))
        client.delete_topics([world.own.topics.articles])
        client.close()
        time.sleep(3)
        with Cluster(world.own.kafka) as cluster:
            cluster.create_topics(world.own.topics)
        made = world.record.count()
        world.background.run(world.direct.new(60))
        took = stage.until(lambda: _searchable(stage) >= made + 60, _READ_SECONDS)
        if took is None:
            wrong.append(f"{made + 60 - _searchable(stage)} of 60 new articles are not read")
        evidence = stage.judged("", (), wrong)
        return msgspec.structs.replace(evidence, seconds=took, longest=_READ_SECONDS)


def _searchable(stage: Stage) -> int:
    with stage.elasticsearch() as client:
        answer = client.count(index=_alias(stage), ignore_unavailable=True)
    return int(answer["count"])


@scenario("months", "150 addresses with 6 captures each, through both topics, in any order")
def months(stage: Stage) -> Evidence:
    """Two index workers, a partition more in the middle, and a kill of each."""
    world = stage.world
    with stage.running(*WORKERS):
        world.background.run(world.direct.captures(50, 6), 120)
        stage.at_work()
        world.background.run(world.direct.captures(50, 6), 120)
        met = [stage.harm("kill", "index-1")]
        add_partition(world.own, world.own.topics.enriched)
        world.background.run(world.direct.captures(50, 6), 120)
        met.append(stage.harm("kill", "index-2"))
        return stage.judged("", met)


@scenario("month-boundary", "versions on either side of a month's end, index workers killed")
def month_boundary(stage: Stage) -> Evidence:
    world = stage.world
    families = [Family(world.chance, months=True) for _ in range(100)]
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = first.timestamp() - 0.2
    with stage.running(*WORKERS):
        met = []
        for number in range(3):
            at = [before - 60 * number, first.timestamp() + 60 * number]
            versions = [
                family.version(datetime.fromtimestamp(moment, UTC))
                for family in families
                for moment in at
            ]
            world.background.run(world.direct.send(world.own.topics.articles, versions), 120)
            stage.until(lambda: stage.behind("enrich") < len(families), 30)
            stage.processes.kill("index-1")
            met.append(stage.harm("kill", "index-2"))
        return stage.judged("", met)
