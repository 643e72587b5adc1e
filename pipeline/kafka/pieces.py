"""A topic read by pieces, from any offset of any partition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from kafka import KafkaConsumer, TopicPartition

from pipeline.background import in_background
from pipeline.kafka.asking import answered
from pipeline.kafka.connection import client_options
from pipeline.kafka.layout import partitions_of
from pipeline.kafka.ports import Piece, StoredMessage
from pipeline.kafka.probe import check_access
from pipeline.settings import KafkaSettings

T = TypeVar("T")

_POLL_MS = 500
_ENOUGH_BYTES = 16_777_216


class KafkaPieces:
    """A :class:`pipeline.kafka.ports.Pieces` on a real cluster.

    Connects with the first call. ``on_wait`` is called on each try that a broker did not answer.
    Raises ConfigurationError when the cluster does not let us in.
    """

    def __init__(
        self, settings: KafkaSettings, topic: str, on_wait: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._on_wait = on_wait
        self._consumer: Any = None
        self._using = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._consumer is not None:
            await in_background(self._consumer.close)

    async def read(self, partition: int, offset: int, most: int) -> Piece:
        """At most so many messages from ``offset`` on."""
        return await self._waiting_out(partial(self._read, partition, offset, most))

    async def partitions(self) -> Sequence[int]:
        """Those that the topic has."""
        return await self._waiting_out(self._partitions)

    async def end(self, partition: int) -> int:
        """The offset that the next message of a partition will have."""
        return await self._waiting_out(partial(self._end, TopicPartition(self._topic, partition)))

    async def _waiting_out(self, ask: Callable[[], T]) -> T:
        async with self._using:
            connected = partial(self._asked, ask)
            return await answered(self._settings, self._topic, connected, self._on_wait)

    def _asked(self, ask: Callable[[], T]) -> T:
        if self._consumer is None:
            check_access(self._settings)
            self._consumer = KafkaConsumer(
                **client_options(self._settings), group_id=None, enable_auto_commit=False
            )
        return ask()

    def _partitions(self) -> list[int]:
        return partitions_of(self._consumer, self._topic)

    def _end(self, partition: TopicPartition) -> int:
        return int(self._consumer.end_offsets([partition])[partition])

    def _read(self, number: int, offset: int, most: int) -> Piece:
        partition = TopicPartition(self._topic, number)
        self._consumer.assign([partition])
        first, end = self._consumer.beginning_offsets([partition])[partition], self._end(partition)
        at = first if offset > end else max(offset, first)
        self._consumer.seek(partition, at)
        messages: list[StoredMessage] = []
        size = 0
        while at < end and len(messages) < most and size < _ENOUGH_BYTES:
            found = self._consumer.poll(timeout_ms=_POLL_MS, max_records=most - len(messages))
            came = [stored(record) for records in found.values() for record in records]
            messages += came
            size += sum(len(each.value or b"") for each in came)
            at = self._consumer.position(partition)
        return Piece(messages, at)


def stored(record: Any) -> StoredMessage:
    """A record of kafka-python."""
    return StoredMessage(
        partition=record.partition,
        offset=record.offset,
        time=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )
