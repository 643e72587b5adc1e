"""States on compacted topics: whoever polls a feed or reads an archive next, goes on from there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Generic

from pipeline.kafka.compacted import Kind, R, read_newest
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.records import FeedState, IngestState, encode
from pipeline.settings import KafkaSettings

FEED_STATES = Kind(
    record=FeedState,
    name="state of feed",
    key=lambda state: state.feed_id,
    time=lambda state: state.polled_at,
    event_id=lambda state: f"{state.feed_id}-{state.polled_at.timestamp():.3f}",
)
INGEST_STATES = Kind(
    record=IngestState,
    name="progress of",
    key=lambda state: state.path,
    time=lambda state: state.updated_at,
    event_id=lambda state: (
        f"{state.path}-{state.offset}-{state.skip}-{state.updated_at.timestamp():.3f}"
    ),
)


class KafkaStates(Generic[R]):
    """A :class:`pipeline.kafka.ports.States` on a real cluster."""

    def __init__(
        self, settings: KafkaSettings, topic: str, publisher: Publisher, kind: Kind[R]
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._publisher = publisher
        self._kind = kind

    async def load(self) -> Mapping[str, R]:
        """Read the topic to its end. A state that cannot be read is logged and taken as none.

        Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
        """
        return await asyncio.to_thread(read_newest, self._settings, self._topic, self._kind)

    async def save(self, state: R) -> None:
        """Return when the state is delivered."""
        headers = cloud_event(
            event_id=self._kind.event_id(state),
            event_type=self._topic,
            time=self._kind.time(state),
        )
        key = self._kind.key(state).encode()
        message = Message(topic=self._topic, key=key, value=encode(state), headers=headers)
        await self._publisher.publish([message])
