"""A process that lacks one right says in one line which, and waits or ends."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline import resources
from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.groups import Role, group_name
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.rights import Operation, Process, Resource, Right
from pipeline.runner.sample_site import sample_site
from pipeline.settings import Settings
from tests.integration.access.privileged import PrivilegedLine
from tests.integration.kafka.secure_server import SecureKafka
from tests.running import PROJECT, environment, pipeline
from tests.waiting import eventually

Lacking = Callable[[Settings], Right]


def on_topic(operation: Operation, field: str) -> Lacking:
    return lambda line: Right(Resource.TOPIC, getattr(line.topics, field), operation)


class Case(NamedTuple):
    process: Process
    words: tuple[str, ...]
    lacks: Lacking


READ, WRITE, CREATE = Operation.READ, Operation.WRITE, Operation.CREATE
COMMANDS = {
    "feeds that may not read states": Case(
        Process.FEEDS, ("feeds", "--once", "--sample"), on_topic(READ, "feeds")
    ),
    "feeds that may not publish": Case(
        Process.FEEDS, ("feeds", "--once", "--sample"), on_topic(WRITE, "articles")
    ),
    "ingest that may not publish": Case(
        Process.INGEST, ("ingest", "archive.jsonl"), on_topic(WRITE, "backfill")
    ),
    "status that may not read": Case(Process.STATUS, ("feeds", "status"), on_topic(READ, "feeds")),
    "letters that may not be read": Case(
        Process.LETTERS, ("dead-letters", "list"), on_topic(READ, "dead_letters")
    ),
    "a check that may not read": Case(Process.CHECK, ("check",), on_topic(READ, "dead_letters")),
}
WORKERS = {
    "enrich that may not read": Case(Process.ENRICH, ("enrich",), on_topic(READ, "articles")),
    "enrich that may not join": Case(
        Process.ENRICH,
        ("enrich",),
        lambda line: Right(Resource.GROUP, group_name(line.kafka, Role.ENRICH), READ),
    ),
    "enrich that may not write": Case(Process.ENRICH, ("enrich",), on_topic(WRITE, "enriched")),
}


def lacking(kafka: SecureKafka, line: Settings, case: Case) -> tuple[Settings, Right]:
    """The settings of a process without one right, and that right. There is something to read."""
    missing = case.lacks(line)
    users = PrivilegedLine(kafka, line, without=[missing])
    with Cluster(users.all_powerful.kafka) as cluster:
        cluster.create_topics(line.topics)
        assert eventually(lambda: has_coordinator(cluster, line))
    asyncio.run(fill(users.all_powerful))
    return users.settings(case.process), missing


def has_coordinator(cluster: Cluster, line: Settings) -> bool:
    """A new broker has none for a moment."""
    try:
        cluster.commits(group_name(line.kafka, Role.ENRICH), line.topics.articles)
    except ServiceUnavailable:
        return False
    return True


async def fill(line: Settings) -> None:
    """A message in each topic that a case reads."""
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(
            [
                Message(topic=topic, key=b"key", value=b"{}")
                for topic in (line.topics.articles, line.topics.feeds, line.topics.dead_letters)
            ]
        )


def test_topics_that_are_missing_are_created_by_the_set_up_alone(
    secured: SecureKafka, own_line: Settings
) -> None:
    users = PrivilegedLine(secured, own_line)
    with (
        Cluster(users.settings(Process.FEEDS).kafka) as cluster,
        pytest.raises(ConfigurationError, match=r"CREATE on them .*pipeline setup") as told,
    ):
        cluster.create_topics(own_line.topics)
    assert own_line.topics.alerts in str(told.value)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_lacks_a_right_ends_with_its_name(
    secured: SecureKafka, own_line: Settings, tmp_path: Path, name: str
) -> None:
    case = COMMANDS[name]
    line, missing = lacking(secured, own_line, case)
    archive = tmp_path / "archive.jsonl"
    archive.write_text(json.dumps({"text": "A text. " * 100, "id": "a"}) + "\n")
    words = [str(archive) if word == archive.name else word for word in case.words]
    with sample_site(resources.sample_folder(), line.sample.port):
        done = pipeline(line, *words)
    assert done.returncode == ConfigurationError.exit_code
    assert f"{missing}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_that_lacks_a_right_says_its_name(
    secured: SecureKafka, own_line: Settings, tmp_path: Path, name: str
) -> None:
    case = WORKERS[name]
    line, missing = lacking(secured, own_line, case)
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "worker", *case.words],
            env=environment(line),
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stderr=output,
        )
        try:
            assert eventually(lambda: str(missing) in log.read_text(), 40), log.read_text()
        finally:
            process.kill()
            process.communicate()
