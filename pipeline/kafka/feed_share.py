"""The feeds shared out by Kafka: a consumer group on the topic of their states.

A feed belongs to the consumer that is assigned the partition its state is written to. Who takes a
partition over reads its states to the end first, so that it goes on where the last one stopped.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from typing import Any, TypeAlias

import kafka.errors
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.partitioner.default import murmur2

from pipeline.background import in_background
from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.kafka.compacted import apply_newest
from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.ports import Share
from pipeline.kafka.probe import check_access
from pipeline.kafka.states import FEED_STATES
from pipeline.metrics import OUTAGES
from pipeline.records import FeedState
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

_POLL_MS = 500
_RETRY_SECONDS = 2.0
_LEAVE_SECONDS = 5.0
_SESSION_MS = 10_000  # after so long the feeds of a consumer that died go to the others

Emit: TypeAlias = Callable[[Share | Exception], None]


class KafkaFeedShare:
    """A :class:`pipeline.kafka.ports.FeedShare` on a real cluster.

    ``on_pass`` is called, in a thread, again and again while it takes part or waits an outage out.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        group: str,
        on_pass: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._on_pass = on_pass
        self._topic = topic
        self._group = group
        self._partitions = 1  # until Kafka has told
        self._hashes: dict[str, int] = {}

    def partition(self, feed_id: str) -> int:
        """Into which partition a feed falls."""
        if feed_id not in self._hashes:
            self._hashes[feed_id] = key_hash(feed_id)  # in pure Python, 20 µs
        return self._hashes[feed_id] % self._partitions

    async def shares(self) -> AsyncIterator[Share]:
        """What this consumer shares in, anew each time it changes.

        Raises ConfigurationError when the cluster does not let us in.
        """
        loop, stop = asyncio.get_running_loop(), threading.Event()
        changes: asyncio.Queue[Share | Exception] = asyncio.Queue()

        def emit(change: Share | Exception) -> None:
            loop.call_soon_threadsafe(changes.put_nowait, change)

        member = threading.Thread(target=self._take_part, args=(emit, stop), daemon=True)
        member.start()
        try:
            while True:
                change = await changes.get()
                if isinstance(change, Exception):
                    raise change
                yield change
        finally:
            stop.set()
            leaving = asyncio.ensure_future(in_background(member.join))
            await asyncio.wait([leaving], timeout=_LEAVE_SECONDS)

    def _take_part(self, emit: Emit, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                check_access(self._settings)
                with closing(self._consumer()) as consumer:
                    numbers = consumer.partitions_for_topic(self._topic)
                    if not numbers:
                        raise ServiceUnavailable(f"Kafka shows no topic {self._topic}")
                    self._partitions = len(numbers)
                    _Member(consumer, self._topic, emit, self._on_pass).run(stop)
            except kafka.errors.KafkaError as error:
                self._wait_out(failure(self._settings, error), emit, stop)
            except (ServiceUnavailable, ConfigurationError) as error:
                self._wait_out(error, emit, stop)
            except Exception as error:  # the loop must hear of it, whatever it is
                emit(error)
                return

    def _wait_out(self, error: Exception, emit: Emit, stop: threading.Event) -> None:
        if isinstance(error, ConfigurationError):
            emit(error)
            stop.set()
            return
        OUTAGES.labels("kafka").inc()
        self._on_pass()
        logger.warning("no share of the feeds, trying again: %s", error)
        emit(Share(partitions=frozenset()))  # by now they may be another's
        stop.wait(_RETRY_SECONDS)

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            **client_options(self._settings),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_SESSION_MS // 4,
        )


def key_hash(feed_id: str) -> int:
    """The number whose remainder is the partition that Kafka's own partitioner writes a key to."""
    return int(murmur2(feed_id.encode()) & 0x7FFFFFFF)


class _Member(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped
    """One membership in the group, until an error or the end."""

    def __init__(self, consumer: Any, topic: str, emit: Emit, on_pass: Callable[[], None]) -> None:
        self._consumer = consumer
        self._on_pass = on_pass
        self._topic = topic
        self._emit = emit
        self._owned: frozenset[TopicPartition] = frozenset()
        self._ends: dict[TopicPartition, int] = {}
        self._states: dict[str, FeedState] = {}
        self._changed = False

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing yet: most of them come back at once."""

    def on_partitions_assigned(self, assigned: Any) -> None:  # noqa: ARG002 (the client's word)
        """Called within ``poll``, where no other request may be made."""
        self._changed = True

    def run(self, stop: threading.Event) -> None:
        """Take part until ``stop`` is set. Raises KafkaError."""
        self._consumer.subscribe([self._topic], listener=self)
        while not stop.is_set():
            self._on_pass()
            for records in self._consumer.poll(timeout_ms=_POLL_MS).values():
                for record in records:
                    apply_newest(self._states, record.key, record.value, FEED_STATES)
            if self._changed:
                self._changed = False
                self._begin_loading()
            self._end_loading()

    def _begin_loading(self) -> None:
        assigned = frozenset(self._consumer.assignment())
        new = assigned - self._owned
        for partition in assigned - new:
            self._consumer.seek_to_end(partition)
            self._consumer.pause(partition)
        self._owned = assigned
        self._states = {}
        self._ends = {}
        if new:
            self._consumer.seek_to_beginning(*new)
            self._consumer.resume(*new)
            self._ends = self._consumer.end_offsets(list(new))
        else:
            self._announce()

    def _end_loading(self) -> None:
        if not self._ends:
            return
        loaded = all(self._consumer.position(each) >= end for each, end in self._ends.items())
        if loaded:
            self._consumer.pause(*self._ends)
            self._ends = {}
            self._announce()

    def _announce(self) -> None:
        numbers = frozenset(partition.partition for partition in self._owned)
        self._emit(Share(partitions=numbers, states=self._states))
        self._states = {}
