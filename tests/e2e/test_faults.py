"""The whole line under kills and outages: every id produced is found again, once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.groups import Role, group_name
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import Article, DeadLetter, decode, encode
from pipeline.runner.line import Lags, measure_lags
from pipeline.settings import Settings
from pipeline.stack import control
from tests.fakes.records import an_article
from tests.reading import read_topic
from tests.running import children, descendants, lives, pipeline, running
from tests.stacks import updated
from tests.waiting import eventually

ARTICLES = 400
BAD_VALUES = (
    b"",
    b"\xff\xfe",
    b"{",
    b"[]",
    b'{"id": 1}',
    encode(an_article(text="news " * 400_000)),  # 2 MB
)


@pytest.fixture
def quick(line: Settings) -> Settings:
    """Small batches, so that a kill meets the middle; partitions move soon."""
    return updated(
        line,
        {
            "workers": {"session_timeout_seconds": 6.0, "restart_backoff_seconds": 0.2},
            "enrich": {"processes": 1, "batch_size": 16},
            "index": {"batch_size": 16},
        },
    )


def articles(count: int) -> list[Article]:
    return [
        an_article(
            url=f"https://courier.example/{number}",
            text=f"Mayor Ada Lind said on Monday that bridge {number} will open. "
            f'"It took {number} years," she told the council.',
        )
        for number in range(count)
    ]


async def produce(
    line: Settings,
    given: list[Article],
    bad: tuple[bytes, ...] = (),
    archived: list[Article] | None = None,
) -> None:
    topic, backfill = line.topics.articles, line.topics.backfill
    messages = [Message(topic=topic, key=a.id.encode(), value=encode(a)) for a in given]
    messages += [
        Message(topic=backfill, key=a.id.encode(), value=encode(a)) for a in archived or []
    ]
    messages += [Message(topic=topic, key=b"bad", value=value) for value in bad]
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(messages)


def lags(line: Settings) -> Lags | None:
    try:
        with Cluster(line.kafka) as cluster:
            return measure_lags(cluster, line)
    except ServiceUnavailable:
        return None


def drained(line: Settings) -> bool:
    now = lags(line)
    return now is not None and now.drained


def enrich_lag(line: Settings) -> int:
    now = lags(line)
    return ARTICLES if now is None else now.enrich + now.backfill


def indexed_ids(line: Settings) -> Counter[str]:
    """How often each article id is in the index, whatever the index month."""
    with Elasticsearch(line.elasticsearch.hosts) as client:
        client.indices.refresh(index=f"{line.index.articles}*")
        answer = client.search(index=f"{line.index.articles}-*", size=10_000, source=False)
    return Counter(hit["_id"] for hit in answer["hits"]["hits"])


def assert_nothing_lost(line: Settings, given: list[Article], bad: tuple[bytes, ...]) -> None:
    assert indexed_ids(line) == Counter(article.id for article in given)
    letters = {
        (letter.partition, letter.offset): letter.payload_bytes()
        for letter in (decode(v, DeadLetter) for v in read_topic(line, line.topics.dead_letters))
    }
    assert sorted(letters.values()) == sorted(bad)


async def test_killed_workers_lose_nothing_and_double_nothing(quick: Settings) -> None:
    given = articles(ARTICLES)
    assert pipeline(quick, "setup").returncode == 0
    await produce(quick, given[::2], BAD_VALUES, archived=given[1::2])
    with running(quick, "work") as supervisor:
        for share in (0.9, 0.6, 0.3):
            assert eventually(lambda s=share: enrich_lag(quick) < s * ARTICLES)  # type: ignore[misc]
            for worker in children(supervisor.pid):
                os.kill(worker, signal.SIGKILL)
        assert eventually(lambda: drained(quick), 120)
    assert_nothing_lost(quick, given, BAD_VALUES)


async def test_nothing_is_left_behind_when_the_supervisor_is_killed(quick: Settings) -> None:
    assert pipeline(quick, "setup").returncode == 0
    await produce(quick, articles(1))
    with running(quick, "work") as supervisor:
        assert eventually(lambda: drained(quick))
        left = descendants(supervisor.pid)
        assert len(left) > 2
        supervisor.kill()
        assert eventually(lambda: not any(lives(pid) for pid in left), 30)


@contextlib.contextmanager
def stopped(line: Settings, server: str) -> Iterator[None]:
    """One server is killed, and started again at the end."""
    (pid,) = [each.pid for each in control.status(line) if each.name == server]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    try:
        yield
    finally:
        control.up(line, print)


@pytest.mark.parametrize("server", ["elasticsearch", "kafka"])
async def test_an_outage_in_the_middle_is_waited_out(quick: Settings, server: str) -> None:
    given = articles(ARTICLES)
    assert pipeline(quick, "setup").returncode == 0
    await produce(quick, given)
    with running(quick, "work"):
        assert eventually(lambda: enrich_lag(quick) < 0.8 * ARTICLES)
        with stopped(quick, server):
            await asyncio.sleep(5)
        assert eventually(lambda: drained(quick), 120)
    assert_nothing_lost(quick, given, ())


async def test_workers_that_start_before_kafka_wait_for_it(quick: Settings) -> None:
    given = articles(20)
    assert pipeline(quick, "setup").returncode == 0
    await produce(quick, given)
    with contextlib.ExitStack() as held:
        with stopped(quick, "kafka"):
            held.enter_context(running(quick, "work"))
            await asyncio.sleep(8)
        assert eventually(lambda: drained(quick), 120)
    assert_nothing_lost(quick, given, ())


async def test_enrichment_goes_on_without_elasticsearch_and_indexing_waits(
    quick: Settings,
) -> None:
    given = articles(20)
    assert pipeline(quick, "setup").returncode == 0
    await produce(quick, given)
    with running(quick, "work"):
        with stopped(quick, "elasticsearch"):
            assert eventually(lambda: lags(quick) == Lags(enrich=0, index=len(given)))
        assert eventually(lambda: drained(quick))
    assert_nothing_lost(quick, given, ())
    with Cluster(quick.kafka) as cluster:
        group = group_name(quick.kafka, Role.INDEX)
        assert cluster.lag(group, quick.topics.enriched).committed == len(given)
