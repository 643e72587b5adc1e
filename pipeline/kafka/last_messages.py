"""The end of a topic."""

from __future__ import annotations

from contextlib import closing

import kafka.errors
from kafka import KafkaConsumer, TopicPartition

from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.layout import partitions_of
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import to_read
from pipeline.settings import KafkaSettings

_POLL_MS = 500


def read_last(settings: KafkaSettings, topic: str, count: int) -> tuple[int, list[bytes]]:
    """How many messages a topic holds, and the values of the last ``count`` of each partition.

    Blocks. Raises ServiceUnavailable when Kafka is gone or has no such topic, ConfigurationError
    when it refuses us.
    """
    check_access(settings)
    try:
        options = client_options(settings)
        with closing(KafkaConsumer(**options, group_id=None, enable_auto_commit=False)) as consumer:
            return _read(consumer, topic, count)
    except kafka.errors.KafkaError as error:
        raise failure(settings, error, to_read(topic)) from error


def _read(consumer: KafkaConsumer, topic: str, count: int) -> tuple[int, list[bytes]]:
    partitions = [TopicPartition(topic, number) for number in partitions_of(consumer, topic)]
    consumer.assign(partitions)
    first, last = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, max(first[partition], last[partition] - count))
    values: list[bytes] = []
    while any(consumer.position(partition) < last[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=_POLL_MS).values():
            values += [record.value for record in records if record.value is not None]
    return sum(last[each] - first[each] for each in partitions), values
