"""Topics that change while they are read."""

from __future__ import annotations

from contextlib import closing

from kafka import KafkaAdminClient, TopicPartition
from kafka.structs import OffsetAndMetadata

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.connection import client_options
from pipeline.settings import Settings
from tests.waiting import eventually


def add_partitions(line: Settings, topic: str, count: int) -> None:
    """Give a topic ``count`` partitions in all."""
    with closing(KafkaAdminClient(**client_options(line.kafka))) as client:
        client.create_partitions({topic: count})


def make_again(line: Settings, topic: str) -> None:
    """Delete a topic, and make another of its name."""
    with closing(KafkaAdminClient(**client_options(line.kafka))) as client:
        client.delete_topics([topic])
        assert eventually(lambda: topic not in client.list_topics(), 30)
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)


def commit(line: Settings, group: str, topic: str, offset: int, metadata: str) -> None:
    """Commit ``offset`` in every partition, as a member of a group does."""
    partitions = [TopicPartition(topic, number) for number in range(line.topics.partitions)]
    committed = dict.fromkeys(partitions, OffsetAndMetadata(offset, metadata, -1))
    with closing(KafkaAdminClient(**client_options(line.kafka))) as client:
        client.alter_group_offsets(group, committed)
