"""The real cluster: topics, lag, and delivery through an outage."""

from __future__ import annotations

import pytest

from pipeline.errors import ConfigurationError, Rejected, ServiceUnavailable
from pipeline.kafka.cluster import Cluster, Lag
from pipeline.kafka.feed_states import KafkaFeedStates
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import FeedState
from pipeline.settings import Settings
from tests.fakes.records import NOW
from tests.stacks import free_ports, updated
from tests.waiting import eventually


def test_topics_are_created_once(line: Settings) -> None:
    with Cluster(line.kafka) as cluster:
        assert len(cluster.create_topics(line.topics)) == 12
        assert cluster.create_topics(line.topics) == ()


def test_topics_that_take_less_than_we_send_are_refused_by_name(line: Settings) -> None:
    small = updated(line, {"kafka": {"max_message_bytes": 50_000}})
    with Cluster(small.kafka) as cluster:
        cluster.create_topics(small.topics)
    with (
        Cluster(line.kafka) as cluster,
        pytest.raises(ConfigurationError, match=r"takes messages of 50000 bytes only"),
    ):
        cluster.create_topics(line.topics)


async def test_lag_counts_what_no_one_has_committed(line: Settings) -> None:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
        async with KafkaPublisher(line.kafka) as publisher:
            topic = line.topics.articles
            messages = [Message(topic=topic, key=b"%d" % n, value=b"{}") for n in range(10)]
            await publisher.publish(messages)

        def lag() -> Lag | None:
            try:
                return cluster.lag(line.kafka.group_prefix, line.topics.articles)
            except ServiceUnavailable:  # the coordinator of a new cluster takes a moment
                return None

        found = eventually(lag)
        assert found is not None
        assert (found.behind, found.committed) == (10, 0)
        assert found.topic_id
        assert cluster.end_offset(line.topics.articles) == 10


def test_a_missing_topic_is_named_with_its_remedy(line: Settings) -> None:
    with Cluster(line.kafka) as cluster, pytest.raises(ServiceUnavailable, match="pipeline setup"):
        cluster.end_offset("no.such.topic")


def test_no_kafka_is_said_in_one_line(line: Settings) -> None:
    nowhere = updated(line, {"kafka": {"bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"}})
    with pytest.raises(ServiceUnavailable, match="pipeline up") as error:
        Cluster(nowhere.kafka, timeout_seconds=1.0)
    assert "\n" not in str(error.value)


async def test_one_message_too_large_costs_only_itself(line: Settings) -> None:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
        topic = line.topics.articles
        large = Message(topic=topic, key=b"large", value=b"x" * line.kafka.max_message_bytes)
        small = Message(topic=topic, key=b"small", value=b"x")
        async with KafkaPublisher(line.kafka) as publisher:
            with pytest.raises(Rejected, match="large"):
                await publisher.publish([large, small])
        assert cluster.end_offset(topic) == 1


async def test_the_newest_state_of_each_feed_is_loaded(line: Settings) -> None:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    async with KafkaPublisher(line.kafka) as publisher:
        states = KafkaFeedStates(line.kafka, line.topics.feeds, publisher)
        for url in ("https://a.example/1", "https://a.example/2"):
            await states.save(FeedState(feed_id="a", url=url, polled_at=NOW))
        await states.save(FeedState(feed_id="b", url="https://b.example/", polled_at=NOW))
        unreadable = Message(topic=line.topics.feeds, key=b"c", value=b"{")
        await publisher.publish([unreadable])
        loaded = await states.load()
    assert {feed_id: getattr(state, "url", None) for feed_id, state in loaded.items()} == {
        "a": "https://a.example/2",
        "b": "https://b.example/",
        "c": None,
    }
