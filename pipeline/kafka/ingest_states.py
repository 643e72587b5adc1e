"""The progress of archives on a compacted topic: whoever reads them next, goes on from there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from pipeline.errors import Rejected
from pipeline.kafka.compacted import read_newest
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.records import IngestState, encode
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)


class KafkaIngestStates:
    """A :class:`pipeline.kafka.ports.IngestStates` on a real cluster."""

    def __init__(self, settings: KafkaSettings, topic: str, publisher: Publisher) -> None:
        self._settings = settings
        self._topic = topic
        self._publisher = publisher

    async def load(self) -> Mapping[str, IngestState]:
        """Read the topic to its end. A state that cannot be read is logged and taken as none.

        Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
        """
        return await asyncio.to_thread(read_newest, self._settings, self._topic, IngestState, _warn)

    async def save(self, state: IngestState) -> None:
        """Return when the state is delivered."""
        headers = cloud_event(
            event_id=f"{state.path}-{state.offset}-{state.skip}-{state.updated_at.timestamp():.3f}",
            event_type=self._topic,
            time=state.updated_at,
        )
        key = state.path.encode()
        message = Message(topic=self._topic, key=key, value=encode(state), headers=headers)
        await self._publisher.publish([message])


def _warn(path: str, error: Rejected) -> None:
    logger.warning("the stored progress of %s is unreadable (%s)", path, error)
