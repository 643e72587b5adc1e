"""A compacted topic read to its end: the newest message of a key is what holds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import kafka.errors
import msgspec
from kafka import KafkaConsumer, TopicPartition

from pipeline.errors import Rejected, ServiceUnavailable
from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.probe import check_access
from pipeline.records import decode
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=msgspec.Struct)

_POLL_MS = 500


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """What a compacted topic holds: its records, what one is called in the log before its key, and
    the key, time and event id that it has as a message."""

    record: type[R]
    name: str
    key: Callable[[R], str]
    time: Callable[[R], datetime]
    event_id: Callable[[R], str]


def read_newest(settings: KafkaSettings, topic: str, kind: Kind[R]) -> dict[str, R]:
    """The newest record of each key. One that cannot be read is logged and taken as none.

    Blocks. Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
    """
    check_access(settings)
    newest: dict[str, R] = {}
    try:
        with closing(_consumer(settings)) as consumer:
            for key, value in _read_to_end(consumer, topic):
                apply_newest(newest, key, value, kind)
    except kafka.errors.KafkaError as error:
        raise failure(settings, error) from error
    return newest


def apply_newest(
    newest: dict[str, R], key: bytes | None, value: bytes | None, kind: Kind[R]
) -> None:
    """Keep what a message says of its key: a record, or without a value that there is none."""
    name = (key or b"").decode("utf-8", "replace")
    newest.pop(name, None)
    if value is None:
        return
    try:
        newest[name] = decode(value, kind.record)
    except Rejected as error:
        logger.warning("the stored %s %s is unreadable (%s)", kind.name, name, error)


def _consumer(settings: KafkaSettings) -> KafkaConsumer:
    return KafkaConsumer(**client_options(settings), group_id=None, enable_auto_commit=False)


def _read_to_end(
    consumer: KafkaConsumer, topic: str
) -> Iterator[tuple[bytes | None, bytes | None]]:
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise ServiceUnavailable(f"Kafka shows no topic {topic}; create it with: pipeline setup")
    partitions = [TopicPartition(topic, number) for number in numbers]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=_POLL_MS).values():
            for record in records:
                yield record.key, record.value
