"""A topic read back, from the oldest message that is kept to a point that is known beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import kafka.errors
from kafka import KafkaConsumer, TopicPartition

from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.layout import partitions_of
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import to_read
from pipeline.records.dead_letter import place_of
from pipeline.settings import KafkaSettings

_POLL_MS = 500
_MOST_AT_ONCE = 2_000


class Past(NamedTuple):
    """A message as it stands in its topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def place(self) -> str:
        """That of its dead letter, where it has one."""
        content = hashlib.sha256(self.value or b"").hexdigest()
        return place_of(self.topic, self.partition, self.offset, content)


def read_history(
    settings: KafkaSettings, topic: str, until: Mapping[int, int] | None = None
) -> Iterator[Past]:
    """The messages before the offsets ``until``, by partition; without it, all there are by now.

    In order for each key; a partition that ``until`` does not name is left out. Blocks. Raises
    ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
    """
    check_access(settings)
    try:
        with closing(_consumer(settings)) as consumer:
            yield from _read(consumer, topic, until)
    except kafka.errors.KafkaError as error:
        raise failure(settings, error, to_read(topic)) from error


def _consumer(settings: KafkaSettings) -> Any:
    return KafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # retention may take what is to be read next
        max_poll_records=_MOST_AT_ONCE,
    )


def _read(consumer: Any, topic: str, until: Mapping[int, int] | None) -> Iterator[Past]:
    partitions = [TopicPartition(topic, number) for number in partitions_of(consumer, topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = dict(consumer.end_offsets(partitions))
    if until is not None:
        ends = {each: min(end, until.get(each.partition, 0)) for each, end in ends.items()}
    while behind := [each for each in partitions if consumer.position(each) < ends[each]]:
        consumer.pause(*(set(partitions) - set(behind)))
        for partition, records in consumer.poll(timeout_ms=_POLL_MS).items():
            yield from (_past(each) for each in records if each.offset < ends[partition])


def _past(record: Any) -> Past:
    return Past(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers or ()),
    )
