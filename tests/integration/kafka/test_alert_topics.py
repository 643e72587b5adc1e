"""The real topics of saved searches and alerts pass what the fakes pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing

import pytest
from kafka import KafkaConsumer, TopicPartition

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.connection import client_options
from pipeline.kafka.pieces import KafkaPieces
from pipeline.kafka.ports import SavedSearches
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import SAVED_SEARCHES, KafkaStates
from pipeline.kafka.tail import KafkaTail
from pipeline.settings import Settings
from tests.contract.pieces import PiecesContract
from tests.contract.pieces import Topic as PiecesTopic
from tests.contract.saved_searches import SavedSearchesContract
from tests.contract.tail import TailContract, Topic


@pytest.fixture
async def publisher(line: Settings) -> AsyncIterator[KafkaPublisher]:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    async with KafkaPublisher(line.kafka) as publisher:
        yield publisher


class TestKafkaSavedSearches(SavedSearchesContract):
    @pytest.fixture
    def searches(self, line: Settings, publisher: KafkaPublisher) -> SavedSearches:
        return KafkaStates(line.kafka, line.topics.searches, publisher, SAVED_SEARCHES)


class KafkaTopic:
    def __init__(self, line: Settings, publisher: KafkaPublisher) -> None:
        self.publisher = publisher
        self.name = line.topics.alerts
        self._line = line
        self.tails: list[KafkaTail] = []

    def tail(self) -> KafkaTail:
        self.tails.append(KafkaTail(self._line.kafka, self.name))
        return self.tails[-1]


class TestKafkaTail(TailContract):
    @pytest.fixture
    async def topic(self, line: Settings, publisher: KafkaPublisher) -> AsyncIterator[Topic]:
        topic = KafkaTopic(line, publisher)
        yield topic
        async with AsyncExitStack() as held:
            for tail in topic.tails:
                held.push_async_exit(tail)


class SharedTopic:
    def __init__(self, line: Settings, publisher: KafkaPublisher) -> None:
        self.publisher = publisher
        self.name = line.topics.indexed
        self._line = line
        self.opened: list[KafkaPieces] = []

    def pieces(self) -> KafkaPieces:
        self.opened.append(KafkaPieces(self._line.kafka, self.name))
        return self.opened[-1]

    def partition(self, key: bytes) -> int:
        """The only one that holds anything: the suite writes one key."""
        with closing(KafkaConsumer(**client_options(self._line.kafka))) as consumer:
            numbers = consumer.partitions_for_topic(self.name)
            ends = consumer.end_offsets([TopicPartition(self.name, each) for each in numbers])
        (found,) = (partition.partition for partition, end in ends.items() if end)
        return int(found)


class TestKafkaPieces(PiecesContract):
    @pytest.fixture
    async def topic(self, line: Settings, publisher: KafkaPublisher) -> AsyncIterator[PiecesTopic]:
        topic = SharedTopic(line, publisher)
        yield topic
        async with AsyncExitStack() as held:
            for each in topic.opened:
                held.push_async_exit(each)
