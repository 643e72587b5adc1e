"""The states of feeds as they are stored: what is read of them, by whatever program wrote them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping

import msgspec

from pipeline.errors import Rejected
from pipeline.kafka.compacted import read_all
from pipeline.kafka.newest import Newest
from pipeline.kafka.ports import Publisher, Stored, Unreadable
from pipeline.kafka.states import FEED_STATES, state_message
from pipeline.records import FeedState, decode
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)


class StoredStates(Mapping[str, Stored]):
    """Stored values by feed, each read when it is asked for: as objects all of them at once would
    take three times the memory."""

    def __init__(self, values: Mapping[str, bytes]) -> None:
        self._values = values

    def __getitem__(self, feed_id: str) -> Stored:
        return stored(feed_id, self._values[feed_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class KafkaFeedStates:
    """A :class:`pipeline.kafka.ports.FeedStates` on a real cluster."""

    def __init__(self, settings: KafkaSettings, topic: str, publisher: Publisher) -> None:
        self._settings = settings
        self._topic = topic
        self._publisher = publisher

    async def load(self) -> Mapping[str, Stored]:
        """Read the topic to its end.

        Raises ServiceUnavailable when Kafka is gone, ConfigurationError when it refuses us.
        """
        return await asyncio.to_thread(read_feed_states, self._settings, self._topic)

    async def save(self, state: FeedState) -> None:
        """Return when the state is delivered."""
        await self._publisher.publish([state_message(self._topic, FEED_STATES, state)])


def read_feed_states(settings: KafkaSettings, topic: str) -> Mapping[str, Stored]:
    """The newest state of each feed. Blocks; raises as :func:`read_all`."""
    newest = newest_states()
    for entry in read_all(settings, topic):
        newest.add(entry)
    return StoredStates(newest.found())


def newest_states(wanted: Callable[[str], bool] = lambda _: True) -> Newest[bytes]:
    """Keeps the state of the latest turn of each feed, as it is stored."""
    return Newest(lambda _, value: value, fence=turn_of, wanted=wanted)


def stored(feed_id: str, value: bytes) -> Stored:
    """The state in a stored value; one that cannot be read is logged."""
    try:
        return decode(value, FeedState)
    except Rejected as error:
        logger.warning("the stored state of feed %s is unreadable (%s)", feed_id, error)
        return Unreadable(
            value=value, reason=error.reason, detail=error.detail, turn=turn_of(value)
        )


class _Turn(msgspec.Struct, frozen=True):
    turn: int = 0


_decoder = msgspec.json.Decoder(_Turn)


def turn_of(value: bytes) -> int:
    """The turn of a stored state, be the rest of it unreadable; 0 where it cannot be told."""
    try:
        return _decoder.decode(value).turn
    except (msgspec.MsgspecError, ValueError):
        return 0
