"""A topic read from its beginning and then on, without a group: for who has to know all of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from kafka import KafkaConsumer, TopicPartition

from pipeline.background import in_background
from pipeline.kafka.asking import answered
from pipeline.kafka.compacted import entry_of
from pipeline.kafka.connection import client_options
from pipeline.kafka.layout import UNKNOWN, layout_of
from pipeline.kafka.ports import Entry
from pipeline.kafka.probe import check_access
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

T = TypeVar("T")

_POLL_MS = 500
_CLOSE_SECONDS = 3.0
_MOST_AT_ONCE = 2_000  # so that an event loop has its turns while much is read


class KafkaTail:
    """A :class:`pipeline.kafka.ports.Tail` on a real cluster.

    Connects with the first call. Partitions that are added are read from their beginning within
    METADATA_SECONDS, and so is all of a topic that was made again.

    ``on_wait`` is called on each try that a broker did not answer.
    Raises ConfigurationError when the cluster does not let us in.
    """

    def __init__(
        self, settings: KafkaSettings, topic: str, on_wait: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._on_wait = on_wait
        self._consumer: Any = None
        self._layout = UNKNOWN
        self._made_again = 0
        self._ends: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._consumer is not None:
            closing = asyncio.ensure_future(in_background(self._close))
            await asyncio.wait([closing], timeout=_CLOSE_SECONDS)

    def _close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=_CLOSE_SECONDS * 1000)

    @property
    def made_again(self) -> int:
        """How often the topic was found made again."""
        return self._made_again

    async def catch_up(self) -> AsyncIterator[Sequence[Entry]]:
        """What came since the last call, piece by piece, up to what is there at the call."""
        await self._waiting_out(self._look_ahead)
        while await self._waiting_out(self._is_behind):
            if entries := await self._waiting_out(self._next):
                yield entries

    async def _waiting_out(self, ask: Callable[[], T]) -> T:
        return await answered(self._settings, self._topic, ask, self._on_wait)

    def _look_ahead(self) -> None:
        if self._consumer is None:
            self._consumer = self._connected()
        self._follow_topic()
        self._ends = self._consumer.end_offsets(list(self._consumer.assignment()))

    def _connected(self) -> Any:
        check_access(self._settings)
        return KafkaConsumer(
            **client_options(self._settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # retention may have taken what is to be read next
            max_poll_records=_MOST_AT_ONCE,
        )

    def _follow_topic(self) -> bool:
        """Whether the topic is not what it was; what is new of it is read from its beginning."""
        before, now = self._layout, layout_of(self._consumer, self._topic)
        if before == now:
            return False
        read: dict[TopicPartition, int] = {}
        if now.topic_id == before.topic_id:
            known = self._consumer.assignment()
            read = {each: self._consumer.position(each) or 0 for each in known}
        elif before is not UNKNOWN:
            self._made_again += 1
            logger.warning("topic %s was made again: it is read from its beginning", self._topic)
        partitions = [TopicPartition(self._topic, number) for number in range(now.count)]
        self._consumer.assign(partitions)
        self._consumer.seek_to_beginning(*(each for each in partitions if each not in read))
        for each, position in read.items():
            self._consumer.seek(each, position)
        self._layout = now
        return True

    def _is_behind(self) -> bool:
        return any((self._consumer.position(each) or 0) < end for each, end in self._ends.items())

    def _next(self) -> list[Entry]:
        found = self._consumer.poll(timeout_ms=_POLL_MS)
        if not found and self._follow_topic():
            self._ends = self._consumer.end_offsets(list(self._consumer.assignment()))
        return [entry_of(record) for part in found.values() for record in part]
