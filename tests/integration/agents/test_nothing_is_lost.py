"""The shape of the agents against real Kafka: kills and crashes lose nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from pipeline.agents.worker import EXIT_CRASHED
from pipeline.errors import ServiceUnavailable
from pipeline.kafka.cluster import Cluster, Lag
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.settings import Settings
from tests.reading import read_topic
from tests.stacks import as_environment, updated
from tests.topics import commit
from tests.waiting import eventually

COPIES = 2_000


@contextmanager
def worker(line: Settings, crashed: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.agents.copying_worker", str(crashed)],
        env={**os.environ, **as_environment(line)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def produce(line: Settings, values: list[bytes]) -> None:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(
            [Message(topic=line.topics.articles, key=v, value=v) for v in values]
        )


def lag(cluster: Cluster, line: Settings) -> Lag:
    """Of the copying group; nothing at all while the coordinator of a new cluster starts."""
    try:
        return cluster.lag(f"{line.kafka.group_prefix}-copy", line.topics.articles)
    except ServiceUnavailable:
        return Lag(behind=-1, committed=0)


def committed_more(cluster: Cluster, line: Settings, before: int) -> bool:
    return lag(cluster, line).committed > before


def quick(line: Settings) -> Settings:
    """A killed worker's partitions move at once."""
    return updated(line, {"workers": {"session_timeout_seconds": 6.0}})


async def test_workers_killed_in_the_middle_lose_nothing(line: Settings, tmp_path: Path) -> None:
    line = quick(line)
    values = [b"%d" % number for number in range(COPIES)]
    await produce(line, values)
    with Cluster(line.kafka) as cluster:
        for _ in range(3):
            with worker(line, tmp_path / "crashed") as process:
                before = lag(cluster, line).committed
                assert eventually(partial(committed_more, cluster, line, before))
                process.kill()
        with worker(line, tmp_path / "crashed"):
            assert eventually(lambda: lag(cluster, line).behind == 0, 90)
        assert lag(cluster, line).committed == COPIES
    assert set(read_topic(line, line.topics.enriched)) == set(values)


async def test_a_handler_that_raises_ends_the_process_without_acknowledging(
    line: Settings, tmp_path: Path
) -> None:
    line = quick(line)
    values = [b"%d" % number for number in range(100)] + [b"crash"]
    await produce(line, values)
    with worker(line, tmp_path / "crashed") as process:
        assert eventually(lambda: process.poll() is not None)
        assert process.returncode == EXIT_CRASHED
    with worker(line, tmp_path / "crashed") as process, Cluster(line.kafka) as cluster:
        assert eventually(lambda: lag(cluster, line).behind == 0)
        process.send_signal(signal.SIGTERM)
        assert eventually(lambda: process.poll() is not None)
        assert process.returncode == 0
    assert set(read_topic(line, line.topics.enriched)) == set(values)


async def test_a_stopped_worker_hands_its_partitions_over_at_once(
    line: Settings, tmp_path: Path
) -> None:
    await produce(line, [b"1"])
    with Cluster(line.kafka) as cluster:
        with worker(line, tmp_path / "crashed") as process:
            assert eventually(lambda: lag(cluster, line).behind == 0)
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        await produce(line, [b"2"])
        started = time.monotonic()
        with worker(line, tmp_path / "crashed"):
            assert eventually(lambda: lag(cluster, line).behind == 0)
        assert time.monotonic() - started < line.workers.session_timeout_seconds + 10


@pytest.mark.parametrize(
    ("metadata", "all_are_read"), [("of a topic that was deleted", True), ("", False)]
)
async def test_only_commits_of_the_topic_that_is_there_count(
    line: Settings, tmp_path: Path, metadata: str, *, all_are_read: bool
) -> None:
    """What a reader of the topic before it commits late would be passed over for ever."""
    values = [b"%d" % number for number in range(COPIES)]
    await produce(line, values)
    commit(line, f"{line.kafka.group_prefix}-copy", line.topics.articles, 20, metadata)
    for _ in range(2):  # the second finds commits of this topic, and reads nothing twice
        with worker(line, tmp_path / "crashed") as process, Cluster(line.kafka) as cluster:
            assert eventually(lambda: lag(cluster, line).behind == 0, 90)
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    passed_over = 0 if all_are_read else 20 * line.topics.partitions
    assert len(read_topic(line, line.topics.enriched)) == COPIES - passed_over
