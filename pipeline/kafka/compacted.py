"""A compacted topic read to its end: the newest message of a key is what holds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import kafka.errors
import msgspec
from kafka import KafkaConsumer, TopicPartition

from pipeline.errors import Rejected, ServiceUnavailable
from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.layout import layout_of
from pipeline.kafka.newest import Newest
from pipeline.kafka.ports import Entry
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import to_read
from pipeline.records import decode
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")

_POLL_MS = 500
_STILL_SECONDS = 5.0  # without a message, before it is asked whether the topic is still the same


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """What a compacted topic holds: its records, what one is called in the log before its key, and
    the key, time and event id that it has as a message."""

    record: type[R]
    name: str
    key: Callable[[R], str]
    time: Callable[[R], datetime]
    event_id: Callable[[R], str]

    def read(self, key: str, value: bytes) -> R | None:
        """The record; one that cannot be read is logged and taken as none."""
        try:
            return decode(value, self.record)
        except Rejected as error:
            logger.warning("the stored %s %s is unreadable (%s)", self.name, key, error)
            return None


class Reading:
    """A topic that is read from its beginning to the end it has now, all of its partitions.

    Blocks. Raises KafkaError, and ServiceUnavailable where there is no such topic or it is deleted
    meanwhile.
    """

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._topic = topic
        self._consumer = _consumer(settings)
        try:
            self._begin()
        except BaseException:
            self._consumer.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()

    def next(self, timeout_ms: int = _POLL_MS) -> list[Entry]:
        """Some messages more, in the order of each partition."""
        found = self._consumer.poll(timeout_ms=timeout_ms)
        entries = [entry_of(record) for part in found.values() for record in part]
        if entries:
            self._moved_at = time.monotonic()
        elif time.monotonic() - self._moved_at > _STILL_SECONDS:
            self._require_same_topic()
        return entries

    def is_done(self) -> bool:
        """Whether all was read that was there when reading began."""
        return all((self._consumer.position(each) or 0) >= end for each, end in self._ends.items())

    def _begin(self) -> None:
        self._layout = layout_of(self._consumer, self._topic)
        partitions = [TopicPartition(self._topic, number) for number in range(self._layout.count)]
        self._consumer.assign(partitions)
        self._consumer.seek_to_beginning(*partitions)
        self._ends: dict[TopicPartition, int] = self._consumer.end_offsets(partitions)
        self._moved_at = time.monotonic()

    def _require_same_topic(self) -> None:
        self._moved_at = time.monotonic()
        ends = self._consumer.end_offsets(list(self._ends))
        if (
            any(ends[each] < end for each, end in self._ends.items())
            or layout_of(self._consumer, self._topic).topic_id != self._layout.topic_id
        ):
            raise ServiceUnavailable(f"topic {self._topic} was made again while it was read")


def entry_of(record: Any) -> Entry:
    """What is kept of a client's record."""
    return Entry(record.key, record.value, record.partition, max(record.timestamp, 0))


def read_newest(settings: KafkaSettings, topic: str, kind: Kind[R]) -> dict[str, R]:
    """The newest record of each key. One that cannot be read is logged and taken as none.

    Blocks. Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
    """
    newest = Newest(kind.read)
    for entry in read_all(settings, topic):
        newest.add(entry)
    return newest.found()


def read_all(settings: KafkaSettings, topic: str) -> Iterator[Entry]:
    """All messages of a topic, up to what is there at the call. Blocks and raises as above."""
    check_access(settings)
    try:
        with closing(Reading(settings, topic)) as reading:
            while not reading.is_done():
                yield from reading.next()
    except kafka.errors.KafkaError as error:
        raise failure(settings, error, to_read(topic)) from error


def _consumer(settings: KafkaSettings) -> KafkaConsumer:
    return KafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # retention may take what is to be read next
        # In pure Python, 0.1 s a megabyte: the states of a thousand feeds would take a minute. Each
        # record is checked when it is decoded, and what cannot be read is never lost for that.
        check_crcs=False,
    )
