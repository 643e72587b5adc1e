"""Reading a whole topic back."""

from __future__ import annotations

from kafka import KafkaConsumer, TopicPartition

from pipeline.kafka.connection import client_options
from pipeline.kafka.ports import Message
from pipeline.settings import Settings


def read_messages(line: Settings, topic: str) -> list[Message]:
    """All messages of a topic, in order within each partition."""
    consumer = KafkaConsumer(**client_options(line.kafka), enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        messages: list[Message] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=500).values():
                messages += [
                    Message(topic=topic, key=r.key, value=r.value, headers=tuple(r.headers))
                    for r in records
                ]
        return messages
    finally:
        consumer.close()


def read_topic(line: Settings, topic: str) -> list[bytes]:
    """The values of all messages of a topic."""
    return [message.value for message in read_messages(line, topic)]
