"""One membership in the group that shares out the feeds.

The group's consumer reads nothing: it says which partitions are ours. Their states are read by a
consumer of its own, through all partitions of the topic, since a feed's state stays where it was
written when the topic is given more of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, TypeAlias

from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.partitioner.default import murmur2

from pipeline.kafka.compacted import Reading
from pipeline.kafka.feed_ownership import (
    Membership,
    Ownership,
    Partitions,
    assigned,
    begun,
    read,
)
from pipeline.kafka.feed_states import StoredStates, newest_states
from pipeline.kafka.feed_tenure import FeedTenure
from pipeline.kafka.layout import UNKNOWN, Layout, layout_of
from pipeline.kafka.newest import Newest
from pipeline.kafka.ports import Share

logger = logging.getLogger(__name__)

SESSION_SECONDS = 10.0  # after so long the feeds of a consumer that died go to the others
_SURE_SECONDS = 0.8 * SESSION_SECONDS  # without a word of the group, they may be another's already
_IDLE_MS = 500
_BUSY_MS = 50

Emit: TypeAlias = Callable[[Share], None]


@cache  # in pure Python, 20 µs, and asked for each feed again and again
def key_hash(feed_id: str) -> int:
    """The number whose remainder is the partition that Kafka's own partitioner writes a key to."""
    return int(murmur2(feed_id.encode()) & 0x7FFFFFFF)


def partition_of(count: int, feed_id: str) -> int:
    """Into which of ``count`` partitions a feed falls."""
    return key_hash(feed_id) % count


class FeedMember(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped
    """``consumer`` is the group's, ``read_topic`` begins to read the states, and ``emit`` hears of
    each share. Runs in a thread of its own."""

    def __init__(
        self,
        consumer: Any,
        topic: str,
        tenure: FeedTenure,
        emit: Emit,
        read_topic: Callable[[], Reading],
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._tenure = tenure
        self._emit = emit
        self._read_topic = read_topic
        self._ownership = Ownership()
        self._assigned: Partitions | None = None
        self._loading: _Loading | None = None

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002
        """Most of them come back at once; until then nothing is written."""
        self._tenure.suspend()

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:  # noqa: ARG002
        """They are another's already."""
        self._ownership = Ownership()
        self._stop_loading()
        self._announce()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called within ``poll``, where no request may be made."""
        partitions = list(assigned)
        for each in partitions:
            self._consumer.seek(each, 0)
        self._consumer.pause(*partitions)
        self._assigned = frozenset(each.partition for each in partitions)

    def run(self, stop: threading.Event, on_pass: Callable[[], None] = lambda: None) -> None:
        """Take part until ``stop`` is set; ``on_pass`` is called again and again meanwhile. Raises
        KafkaError and ServiceUnavailable."""
        self._consumer.subscribe([self._topic], listener=self)
        try:
            while not stop.is_set():
                on_pass()
                self.step()
        finally:
            self._tenure.end()
            self._stop_loading()

    def step(self) -> None:
        """Hear of the group for a moment, and read on."""
        self._consumer.poll(timeout_ms=_BUSY_MS if self._loading else _IDLE_MS)
        if self._assigned is not None:
            self._follow(self._assigned)
            self._assigned = None
        elif (
            self._ownership.owned
            and layout_of(self._consumer, self._topic) != self._ownership.layout
        ):
            self._follow(self._ownership.owned)
        if self._loading is not None and self._loading.read_on():
            self._ownership = read(self._ownership)
            self._announce(self._loading.states(self._ownership))
            self._stop_loading()

    def _follow(self, partitions: Partitions) -> None:
        layout = layout_of(self._consumer, self._topic)
        before, self._ownership = (
            self._ownership,
            assigned(self._ownership, partitions, self._membership(), layout),
        )
        if before.layout not in (layout, UNKNOWN):
            self._tell(before.layout, layout)
        if self._ownership.missing:
            self._begin_loading()
        elif not self._ownership.asked:
            self._stop_loading()
        self._announce()

    def _begin_loading(self) -> None:
        self._stop_loading()
        self._ownership = begun(self._ownership)
        self._loading = _Loading(self._read_topic(), self._ownership)

    def _stop_loading(self) -> None:
        if self._loading is not None:
            self._loading.close()
            self._loading = None

    def _announce(self, states: StoredStates | None = None) -> None:
        share = Share(
            partitions=self._ownership.loaded & self._ownership.owned,
            partition=partial(partition_of, self._ownership.layout.count),
            writer=self._tenure,
            states=StoredStates({}) if states is None else states,
        )
        self._tenure.grant(share.owns, self._is_member)
        self._emit(share)

    def _membership(self) -> Membership:
        known = self._consumer.group_metadata()
        return Membership(known.member_id, known.generation_id)

    def _is_member(self) -> bool:
        """Whether the group has answered lately: a process that was stopped for a while finds its
        feeds with others when it goes on."""
        heartbeat = self._consumer._coordinator.heartbeat  # noqa: SLF001
        heard: float = max(heartbeat.last_receive, heartbeat.last_reset)
        return time.monotonic() - heard < _SURE_SECONDS

    def _tell(self, before: Layout, now: Layout) -> None:
        if now.topic_id != before.topic_id:
            logger.warning(
                "topic %s was made again, and the states of the feeds with it: what feeds list is "
                "taken as on a first poll",
                self._topic,
            )
        else:
            logger.warning(
                "topic %s has %d partitions now, not %d: the feeds are shared out anew",
                self._topic,
                now.count,
                before.count,
            )


class _Loading:
    """The states of what was asked for, being read."""

    def __init__(self, reading: Reading, ownership: Ownership) -> None:
        self._reading = reading
        self._asked = ownership.asked
        self._count = ownership.layout.count
        self._newest: Newest[bytes] = newest_states(wanted=self._is_wanted)

    def read_on(self) -> bool:
        """Read a little; whether all was read."""
        if not self._reading.is_done():
            for entry in self._reading.next(_BUSY_MS):
                self._newest.add(entry)
        return self._reading.is_done()

    def states(self, ownership: Ownership) -> StoredStates:
        """What was found of that which is still ours."""
        found = self._newest.found()
        return StoredStates(
            {
                feed_id: value
                for feed_id, value in found.items()
                if partition_of(self._count, feed_id) in ownership.loaded
            }
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._reading.close()

    def _is_wanted(self, feed_id: str) -> bool:
        return partition_of(self._count, feed_id) in self._asked
