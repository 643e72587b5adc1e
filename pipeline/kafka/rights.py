"""What each process may do with Kafka: the least that its work needs, and nothing else. Pure.

The one list: docs/security.md, ``pipeline rights kafka`` and what a refused process says are made
of it, and tests hold a real broker to it, row by row.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from pipeline.kafka.groups import Role, Source, sources
from pipeline.settings import KafkaSettings, TopicSettings


class Process(StrEnum):
    """Who may have a Kafka user of its own. A process that does the work of several (``pipeline
    run``, ``work`` without a station) has the rights of all of them."""

    SETUP = "setup"
    FEEDS = "feeds"
    ENRICH = "enrich"
    INDEX = "index"
    ALERT = "alert"
    WEB = "web"
    INGEST = "ingest"
    STATUS = "status"
    SEARCHES = "searches"
    LETTERS = "letters"
    CHECK = "check"
    REPAIR = "repair"


COMMANDS = {
    Process.SETUP: "`pipeline setup`",
    Process.FEEDS: "`pipeline feeds`",
    Process.ENRICH: "`pipeline work enrich`",
    Process.INDEX: "`pipeline work index`",
    Process.ALERT: "`pipeline work alert`: alerts are found, and delivered",
    Process.WEB: "`pipeline serve`: reads alone; with `searches` it saves searches, "
    "with `letters` it sends letters back",
    Process.INGEST: "`pipeline ingest`",
    Process.STATUS: "`pipeline status`, `feeds status`, `alerts list`, `alerts log`, `alerts test`",
    Process.SEARCHES: "`pipeline alerts add`, `remove`, and the others of `status`",
    Process.LETTERS: "`pipeline dead-letters`: `list`, `show`, `replay`, `purge`",
    Process.CHECK: "`pipeline check`",
    Process.REPAIR: "`pipeline check --repair`",
}
"""What each of them runs."""


class Resource(StrEnum):
    """What a right is about."""

    TOPIC = "topic"
    GROUP = "group"


class Operation(StrEnum):
    """As Kafka names it. Who may read, write or delete may also describe."""

    READ = "READ"
    WRITE = "WRITE"
    CREATE = "CREATE"
    DESCRIBE = "DESCRIBE"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"


class Right(NamedTuple):
    """An operation on one topic or group, by its whole name."""

    resource: Resource
    name: str
    operation: Operation

    def __str__(self) -> str:
        return f"{self.operation} on {self.resource} {self.name}"


def to_read(topic: str) -> Right:
    """What a reader of a topic needs."""
    return Right(Resource.TOPIC, topic, Operation.READ)


def to_write(topic: str) -> Right:
    """What a writer to a topic needs."""
    return Right(Resource.TOPIC, topic, Operation.WRITE)


_READS: dict[Process, tuple[str, ...]] = {
    Process.FEEDS: ("feeds",),
    Process.ENRICH: ("articles", "backfill"),
    Process.INDEX: ("enriched",),
    Process.ALERT: ("indexed", "searches", "alerts", "deliveries", "waiting"),
    Process.WEB: (
        "feeds",
        "searches",
        "alerts",
        "deliveries",
        "waiting",
        "stations",
        "dead_letters",
    ),
    Process.INGEST: ("ingests",),
    Process.STATUS: ("feeds", "stations", "searches", "alerts", "deliveries", "waiting"),
    Process.SEARCHES: ("searches", "alerts", "deliveries", "waiting"),
    Process.LETTERS: ("dead_letters",),
    Process.CHECK: ("articles", "backfill", "enriched", "dead_letters", "alerts"),
    Process.REPAIR: ("articles", "backfill", "enriched", "dead_letters", "alerts"),
}
"""Fields of [topics]."""

_WRITES: dict[Process, tuple[str, ...]] = {
    Process.FEEDS: ("articles", "feeds", "dead_letters"),
    Process.ENRICH: ("enriched", "dead_letters", "stations"),
    Process.INDEX: ("indexed", "dead_letters", "stations"),
    # A webhook that answers "gone" switches its search off, hence "searches".
    Process.ALERT: ("alerts", "deliveries", "waiting", "searches", "dead_letters", "stations"),
    Process.INGEST: ("backfill", "ingests", "dead_letters"),
    Process.SEARCHES: ("searches",),
    # A letter goes back to where it was read, and is then ended on its own topic.
    Process.LETTERS: ("articles", "backfill", "enriched", "indexed", "alerts", "dead_letters"),
    Process.REPAIR: ("articles", "backfill", "enriched"),
}


def rights(process: Process, kafka: KafkaSettings, topics: TopicSettings) -> frozenset[Right]:
    """All that ``process`` needs."""
    found = {
        Right(Resource.TOPIC, getattr(topics, field), operation)
        for fields, operation in (
            (_READS.get(process, ()), Operation.READ),
            (_WRITES.get(process, ()), Operation.WRITE),
        )
        for field in fields
    }
    found |= {
        Right(Resource.GROUP, name, Operation.READ) for name in _joins(process, kafka, topics)
    }
    found |= set(_looks(kafka, topics))
    if process is Process.SETUP:
        found |= {Right(Resource.TOPIC, name, Operation.CREATE) for name in topic_names(topics)}
    return frozenset(found)


def _looks(kafka: KafkaSettings, topics: TopicSettings) -> Iterator[Right]:
    """What every process needs: it looks whether the topics are there and take what is sent, and
    measures how far each station is. None of it shows a message."""
    for name in topic_names(topics):
        yield Right(Resource.TOPIC, name, Operation.DESCRIBE)
        yield Right(Resource.TOPIC, name, Operation.DESCRIBE_CONFIGS)
    for source in _station_sources(kafka, topics):
        yield Right(Resource.GROUP, source.group, Operation.DESCRIBE)


def _joins(process: Process, kafka: KafkaSettings, topics: TopicSettings) -> tuple[str, ...]:
    if process is Process.FEEDS:
        return (feeds_group(kafka),)
    if process.value not in set(Role):
        return ()
    return tuple(each.group for each in sources(kafka, topics, Role(process.value)))


def _station_sources(kafka: KafkaSettings, topics: TopicSettings) -> tuple[Source, ...]:
    return tuple(each for role in Role for each in sources(kafka, topics, role))


def feeds_group(kafka: KafkaSettings) -> str:
    """The group that shares out the feeds."""
    return f"{kafka.group_prefix}-feeds"


def topic_names(topics: TopicSettings) -> tuple[str, ...]:
    """Every topic of the line, in the order of the settings."""
    return tuple(value for value in topics.model_dump().values() if isinstance(value, str))


def group_names(kafka: KafkaSettings, topics: TopicSettings) -> tuple[str, ...]:
    """Every consumer group of the line."""
    return (feeds_group(kafka), *(each.group for each in _station_sources(kafka, topics)))


class Grant(NamedTuple):
    """A right, and the Kafka principal (``User:name``) that has it."""

    principal: str
    right: Right


def principal(kafka: KafkaSettings, process: Process) -> str:
    """The Kafka principal of a process where nobody names another."""
    return f"User:{kafka.group_prefix}-{process}"


def grants(
    kafka: KafkaSettings,
    topics: TopicSettings,
    processes: Iterable[Process] = tuple(Process),
    who: str | None = None,
) -> tuple[Grant, ...]:
    """The rights of these processes, each for a principal of its own, or all for ``who``."""
    found = {
        Grant(who or principal(kafka, each), right)
        for each in processes
        for right in rights(each, kafka, topics)
    }
    return tuple(sorted(found))


def commands(granted: Iterable[Grant], bootstrap_servers: str) -> Iterator[str]:
    """A ``kafka-acls.sh`` command for each principal and topic or group, with all operations.

    The file that logs the administrator in is for them to name: admin.properties.
    """
    together: dict[tuple[str, Resource, str], list[Operation]] = {}
    for who, right in granted:
        together.setdefault((who, right.resource, right.name), []).append(right.operation)
    for (who, resource, name), operations in together.items():
        words = " ".join(f"--operation {_for_tool(each)}" for each in operations)
        yield (
            f"kafka-acls.sh --bootstrap-server {shlex.quote(bootstrap_servers)} "
            f"--command-config admin.properties --add --allow-principal {shlex.quote(who)} "
            f"{words} --{resource} {shlex.quote(name)}"
        )


def _for_tool(operation: Operation) -> str:
    """DescribeConfigs, as the tool names it."""
    return operation.title().replace("_", "")
