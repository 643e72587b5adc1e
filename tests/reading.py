"""Reading a whole topic back."""

from __future__ import annotations

from kafka import KafkaConsumer, TopicPartition

from pipeline.kafka.connection import client_options
from pipeline.settings import Settings


def read_topic(line: Settings, topic: str) -> list[bytes]:
    """The values of all messages of a topic, partition by partition."""
    consumer = KafkaConsumer(**client_options(line.kafka), enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        values: list[bytes] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=500).values():
                values += [record.value for record in records]
        return values
    finally:
        consumer.close()
