"""Feed states on a compacted topic: the newest message of a key is the state of that feed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import closing

import kafka.errors
from kafka import KafkaConsumer, TopicPartition

from pipeline.errors import Rejected, ServiceUnavailable
from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.kafka.probe import check_access
from pipeline.records import FeedState, decode, encode
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

_POLL_MS = 500


class KafkaFeedStates:
    """A :class:`pipeline.kafka.ports.FeedStates` on a real cluster."""

    def __init__(self, settings: KafkaSettings, topic: str, publisher: Publisher) -> None:
        self._settings = settings
        self._topic = topic
        self._publisher = publisher

    async def load(self) -> Mapping[str, FeedState]:
        """Read the topic to its end. A state that cannot be read is logged and taken as none.

        Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
        """
        return await asyncio.to_thread(read_states, self._settings, self._topic)

    async def save(self, state: FeedState) -> None:
        """Return when the state is delivered."""
        headers = cloud_event(
            event_id=f"{state.feed_id}-{state.polled_at.timestamp():.3f}",
            event_type=self._topic,
            time=state.polled_at,
        )
        key = state.feed_id.encode()
        message = Message(topic=self._topic, key=key, value=encode(state), headers=headers)
        await self._publisher.publish([message])


def read_states(settings: KafkaSettings, topic: str) -> dict[str, FeedState]:
    """The latest state of each feed, by feed id. Blocks.

    Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
    """
    check_access(settings)
    options = client_options(settings)
    try:
        with closing(KafkaConsumer(**options, group_id=None, enable_auto_commit=False)) as consumer:
            return _read_to_end(consumer, topic)
    except kafka.errors.KafkaError as error:
        raise failure(settings, error) from error


def _read_to_end(consumer: KafkaConsumer, topic: str) -> dict[str, FeedState]:
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise ServiceUnavailable(f"Kafka shows no topic {topic}; create it with: pipeline setup")
    partitions = [TopicPartition(topic, number) for number in numbers]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    states: dict[str, FeedState] = {}
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=_POLL_MS).values():
            for record in records:
                apply_state(states, record.key, record.value)
    return states


def apply_state(states: dict[str, FeedState], key: bytes | None, value: bytes | None) -> None:
    """Keep what a message of the topic says; an unreadable state is logged and taken as none."""
    feed_id = (key or b"").decode("utf-8", "replace")
    if value is None:
        states.pop(feed_id, None)
        return
    try:
        states[feed_id] = decode(value, FeedState)
    except Rejected as error:
        logger.warning("the stored state of feed %s is unreadable (%s)", feed_id, error)
        states.pop(feed_id, None)
