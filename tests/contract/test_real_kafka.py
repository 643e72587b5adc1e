"""The real cluster passes what the fakes pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.feed_share import KafkaFeedShare
from pipeline.kafka.feed_states import KafkaFeedStates
from pipeline.kafka.ports import FeedShare, FeedStates, Message
from pipeline.kafka.publisher import KafkaPublisher
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
    async with publishing(updated(line, {"kafka": {"max_message_bytes": LIMIT}})) as publisher:
        yield publisher


@asynccontextmanager
async def publishing(line: Settings) -> AsyncIterator[KafkaPublisher]:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    async with KafkaPublisher(line.kafka) as publisher:
        yield publisher


class TestKafkaPublisher(PublisherContract):
    @pytest.fixture
    def sink(self, line: Settings, publisher: KafkaPublisher) -> Sink:
        return KafkaSink(publisher, line.topics.articles, line)


class TestKafkaFeedStates(FeedStatesContract):
    @pytest.fixture
    def states(self, line: Settings, publisher: KafkaPublisher) -> FeedStates:
        return KafkaFeedStates(line.kafka, line.topics.feeds, publisher)


class KafkaGroup:
    def __init__(self, line: Settings, publisher: KafkaPublisher) -> None:
        self.states = KafkaFeedStates(line.kafka, line.topics.feeds, publisher)
        self._line = line
        self._publisher = publisher

    def join(self) -> KafkaFeedShare:
        group = f"{self._line.kafka.group_prefix}-feeds"
        return KafkaFeedShare(self._line.kafka, self._line.topics.feeds, group, self._publisher)

    async def store(self, key: bytes, value: bytes) -> None:
        await self._publisher.publish(
            [Message(topic=self._line.topics.feeds, key=key, value=value)]
        )

    async def leave(self, member: FeedShare) -> None:
        """It has left when nobody listens."""


class TestKafkaFeedShare(FeedShareContract):
    @pytest.fixture
    async def group(self, line: Settings) -> AsyncIterator[Group]:
        async with publishing(line) as publisher:
            yield KafkaGroup(line, publisher)
