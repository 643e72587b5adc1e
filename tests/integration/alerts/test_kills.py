"""Workers killed in the middle, destinations that fail: no alert is lost, none is made twice."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from yarl import URL

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import SAVED_SEARCHES, KafkaStates
from pipeline.records import (
    Alert,
    Delivery,
    DeliveryStatus,
    EnrichedArticle,
    IndexedArticle,
    SavedSearch,
    Webhook,
    decode,
    encode,
)
from pipeline.runner.line import measure_lags
from pipeline.settings import Settings
from tests.fakes.alerts import SECRET, a_search
from tests.fakes.debates import a_debate
from tests.fakes.destinations import Inbox, Receiver, is_signed
from tests.integration.shelf import Shelf
from tests.reading import read_topic
from tests.running import children, running
from tests.stacks import updated
from tests.waiting import eventually

ARTICLES = 60
ADDRESS = "ada@courier.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as inbox:
        yield inbox


@pytest.fixture
def quick(shelf: Shelf, receiver: Receiver, inbox: Inbox) -> Settings:
    """Small batches, so that a kill meets the middle; what fails is tried again soon."""
    return updated(
        shelf.settings,
        {
            "workers": {"session_timeout_seconds": 6.0, "restart_backoff_seconds": 0.2},
            "index": {"batch_size": 8},
            "alerts": {
                "batch_size": 8,
                "batch_wait_seconds": 0.2,
                "private_hosts": (URL(receiver.url).authority,),
                "timeout_seconds": 3.0,
                "first_retry_seconds": 0.2,
                "longest_retry_seconds": 1.0,
                "smtp_host": "127.0.0.1",
                "smtp_port": inbox.port,
                "smtp_tls": "none",
            },
        },
    )


def the_search(receiver: Receiver) -> SavedSearch:
    return a_search(
        query={"speaker": "Zoë Lind"},
        webhooks=(Webhook(url=receiver.url, secret=SECRET),),
        emails=(ADDRESS,),
    )


def debates(count: int, revision: int = 1) -> list[EnrichedArticle]:
    """Debates of today; in every third Zoë Lind says nothing."""
    today = datetime.now(UTC)
    return [
        a_debate(
            id=f"{number + 1:032x}",
            url=f"https://courier.example/{number}",
            canonical_url=f"https://courier.example/{number}",
            title=f"Debate {number}, version {revision}",
            statements=0 if number % 3 == 0 else 2,
            revision=revision,
            first_seen_at=today,
        )
        for number in range(count)
    ]


async def prepared(line: Settings, search: SavedSearch) -> None:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    async with KafkaPublisher(line.kafka) as publisher:
        await KafkaStates(line.kafka, line.topics.searches, publisher, SAVED_SEARCHES).save(search)


async def enriched(line: Settings, articles: list[EnrichedArticle]) -> None:
    topic = line.topics.enriched
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(
            [Message(topic=topic, key=a.article.id.encode(), value=encode(a)) for a in articles]
        )


def alerts(line: Settings) -> list[Alert]:
    return [decode(value, Alert) for value in read_topic(line, line.topics.alerts)]


def deliveries(line: Settings) -> Counter[DeliveryStatus]:
    values = read_topic(line, line.topics.deliveries)
    states = {each.id: each for each in (decode(value, Delivery) for value in values)}
    return Counter(each.status for each in states.values())


def quiet(line: Settings, expected: int) -> bool:
    with Cluster(line.kafka) as cluster:
        if not measure_lags(cluster, line).drained:
            return False
    return deliveries(line) == Counter({DeliveryStatus.DELIVERED: expected})


async def test_killed_workers_and_failing_receivers_lose_nothing_and_double_nothing(
    quick: Settings, receiver: Receiver, inbox: Inbox
) -> None:
    await prepared(quick, the_search(receiver))
    given = debates(ARTICLES)
    expected = {each.article.id for each in given if each.annotations.statements}
    receiver.always = 500
    with ExitStack() as held:
        workers = [
            held.enter_context(running(quick, "work", role)) for role in ("index", "alert", "alert")
        ]
        await enriched(quick, given[: ARTICLES // 2])
        for share in (0.1, 0.3):
            assert eventually(lambda s=share: len(alerts(quick)) > s * len(expected), 120)  # type: ignore[misc]
            for worker in workers:
                for pid in children(worker.pid):
                    os.kill(pid, signal.SIGKILL)
        await enriched(quick, given[ARTICLES // 2 :])
        receiver.always = None
        receiver.answers += [500, 503, 301] * 5
        assert eventually(lambda: len(receiver.taken()) > len(expected) / 2, 120)
        for worker in workers:
            for pid in children(worker.pid):
                os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: quiet(quick, 2 * len(expected)), 180)

        made = alerts(quick)
        assert Counter(alert.article_id for alert in made) == dict.fromkeys(expected, 1)
        assert set(receiver.taken()) == {alert.id for alert in made}
        assert all(is_signed(each, SECRET) for each in receiver.requests)
        assert {message["Subject"] for message in inbox.messages} == {
            f"What Ada Lind says: {alert.title}" for alert in made
        }
        assert len({message["Message-ID"] for message in inbox.messages}) == len(expected)

        # A correction of what was found before tells nobody again.
        taken, mailed = len(receiver.taken()), len(inbox.messages)
        await enriched(quick, debates(ARTICLES, revision=2))
        assert eventually(lambda: notices_of(quick, revision=2) == ARTICLES, 60)
        assert eventually(lambda: quiet(quick, 2 * len(expected)), 60)
        assert len(alerts(quick)) == len(expected)
        assert (len(receiver.taken()), len(inbox.messages)) == (taken, mailed)


def notices_of(line: Settings, revision: int) -> int:
    values = read_topic(line, line.topics.indexed)
    found = (decode(value, IndexedArticle) for value in values)
    return len({each.article_id for each in found if each.revision == revision})


async def test_a_correction_that_newly_matches_alerts_and_a_restart_delivers_nothing_again(
    quick: Settings, receiver: Receiver, inbox: Inbox
) -> None:
    await prepared(quick, the_search(receiver))
    silent = debates(1)
    with running(quick, "work", "index"):
        with running(quick, "work", "alert"):
            await enriched(quick, silent)
            assert eventually(lambda: notices_of(quick, revision=1) == 1, 60)
            assert eventually(lambda: quiet(quick, 0), 60)
        assert receiver.requests == []
        article = silent[0].article
        talks = a_debate(
            id=article.id, url=article.url, revision=2, first_seen_at=article.first_seen_at
        )
        await enriched(quick, [talks])
        for _ in range(2):
            with running(quick, "work", "alert") as worker:
                # A program that is still being imported may miss a Ctrl-C.
                assert eventually(lambda: children(worker.pid), 60)
                assert eventually(lambda: quiet(quick, 2), 60)
    assert len(receiver.requests) == len(inbox.messages) == 1
