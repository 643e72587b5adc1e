"""States on compacted topics: who polls a feed, reads an archive or delivers an alert next goes on
from there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Generic

from pipeline.background import in_background
from pipeline.kafka.compacted import Kind, R, read_newest
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.records import (
    Delivery,
    FeedState,
    HeldStation,
    IngestState,
    SavedSearch,
    WaitingSearch,
    encode,
)
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
SAVED_SEARCHES = Kind(
    record=SavedSearch,
    name="search",
    key=lambda search: search.id,
    time=lambda search: search.created_at,
    event_id=lambda search: f"{search.id}-{hashlib.sha256(encode(search)).hexdigest()[:16]}",
)
DELIVERIES = Kind(
    record=Delivery,
    name="delivery",
    key=lambda delivery: delivery.id,
    time=lambda delivery: delivery.updated_at,
    event_id=lambda delivery: f"{delivery.id}-{delivery.status}-{delivery.tries}",
)
HELD_STATIONS = Kind(
    record=HeldStation,
    name="held station",
    key=lambda station: station.id,
    time=lambda station: station.updated_at,
    event_id=lambda station: f"{station.id}-{station.updated_at.timestamp():.3f}",
)
WAITING_SEARCHES = Kind(
    record=WaitingSearch,
    name="waiting search",
    key=lambda waiting: waiting.id,
    time=lambda waiting: waiting.refused_at,
    event_id=lambda waiting: f"{waiting.id}-{waiting.offset}-{waiting.refused_at.timestamp():.3f}",
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
        read = partial(read_newest, self._settings, self._topic, self._kind)
        return await in_background(read)

    async def save(self, state: R) -> None:
        """Return when the state is delivered."""
        await self._publisher.publish([state_message(self._topic, self._kind, state)])

    async def remove(self, key: str, now: datetime) -> None:
        """Return when it is delivered that there is no such state any more."""
        await self._publisher.publish([end_message(self._topic, key, now)])


def state_message(topic: str, kind: Kind[R], state: R) -> Message:
    """The message that carries a state."""
    return Message(
        topic=topic,
        key=kind.key(state).encode(),
        value=encode(state),
        headers=cloud_event(event_id=kind.event_id(state), event_type=topic, time=kind.time(state)),
    )


def end_message(topic: str, key: str, now: datetime) -> Message:
    """The message that says that there is nothing under a key any more."""
    event_id = f"{key}-removed-{now.timestamp():.3f}"
    headers = cloud_event(event_id=event_id, event_type=topic, time=now)
    return Message(topic=topic, key=key.encode(), value=None, headers=headers)
