"""The real cluster passes what the fakes pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.feed_share import KafkaFeedShare
from pipeline.kafka.ports import FeedShare, FeedStates, Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import FEED_STATES, KafkaStates
from pipeline.settings import Settings
from tests.contract.feed_share import FeedShareContract, Group
from tests.contract.feed_states import FeedStatesContract
from tests.contract.publisher import LIMIT, PublisherContract, Sink
from tests.reading import read_messages
from tests.stacks import updated

pytestmark = pytest.mark.integration


@dataclass
class KafkaSink:
    publisher: KafkaPublisher
    topic: str
    line: Settings

    async def arrived(self) -> list[Message]:
        return read_messages(self.line, self.topic)


@pytest.fixture
async def publisher(line: Settings) -> AsyncIterator[KafkaPublisher]:
    limited = updated(line, {"kafka": {"max_message_bytes": LIMIT}})
    with Cluster(limited.kafka) as cluster:
        cluster.create_topics(limited.topics)
    async with KafkaPublisher(limited.kafka) as publisher:
        yield publisher


class TestKafkaPublisher(PublisherContract):
    @pytest.fixture
    def sink(self, line: Settings, publisher: KafkaPublisher) -> Sink:
        return KafkaSink(publisher, line.topics.articles, line)


class TestKafkaFeedStates(FeedStatesContract):
    @pytest.fixture
    def states(self, line: Settings, publisher: KafkaPublisher) -> FeedStates:
        return KafkaStates(line.kafka, line.topics.feeds, publisher, FEED_STATES)


class KafkaGroup:
    def __init__(self, line: Settings, publisher: KafkaPublisher) -> None:
        self.states = KafkaStates(line.kafka, line.topics.feeds, publisher, FEED_STATES)
        self._line = line

    def join(self) -> KafkaFeedShare:
        group = f"{self._line.kafka.group_prefix}-feeds"
        return KafkaFeedShare(self._line.kafka, self._line.topics.feeds, group)

    async def leave(self, member: FeedShare) -> None:
        """It has left when nobody listens."""


class TestKafkaFeedShare(FeedShareContract):
    @pytest.fixture
    def group(self, line: Settings, publisher: KafkaPublisher) -> Group:
        return KafkaGroup(line, publisher)
