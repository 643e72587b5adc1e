"""Feed states on a compacted topic: the newest message of a key is the state of that feed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from pipeline.errors import Rejected
from pipeline.kafka.compacted import apply_newest, read_newest
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.records import FeedState, encode
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)


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
    """The latest state of each feed, by feed id; one that cannot be read is logged and taken as
    none. Blocks.

    Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
    """
    return read_newest(settings, topic, FeedState, _warn)


def apply_state(states: dict[str, FeedState], key: bytes | None, value: bytes | None) -> None:
    """Keep what a message of the topic says."""
    apply_newest(states, key, value, FeedState, _warn)


def _warn(feed_id: str, error: Rejected) -> None:
    logger.warning("the stored state of feed %s is unreadable (%s)", feed_id, error)
