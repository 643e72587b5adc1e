"""Kafka in memory: passes the same contract suite as the real one (tests/contract)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.errors import Rejected
from pipeline.kafka.ports import Message
from pipeline.records import FeedState, IngestState, Reason


class FakePublisher:
    """A :class:`pipeline.kafka.ports.Publisher` that keeps what it is given in ``sent``."""

    def __init__(self, limit: int = 4_194_304) -> None:
        self.sent: list[Message] = []
        self._limit = limit
        self._error: Exception | None = None

    def raise_on_publish(self, error: Exception) -> None:
        """Deliver nothing from now on."""
        self._error = error

    def of(self, topic: str) -> list[Message]:
        """What was sent to a topic, in order."""
        return [message for message in self.sent if message.topic == topic]

    async def publish(self, messages: Sequence[Message]) -> None:
        if self._error is not None:
            raise self._error
        refused = [message for message in messages if len(message.value) > self._limit]
        self.sent += [message for message in messages if message not in refused]
        if refused:
            keys = ", ".join(message.key.decode("utf-8", "replace") for message in refused)
            raise Rejected(Reason.TOO_LARGE, f"over the message size limit of Kafka: {keys}")


class FakeFeedStates:
    """A :class:`pipeline.kafka.ports.FeedStates` in a dict."""

    def __init__(self) -> None:
        self.states: dict[str, FeedState] = {}

    async def load(self) -> Mapping[str, FeedState]:
        return dict(self.states)

    async def save(self, state: FeedState) -> None:
        self.states[state.feed_id] = state


class FakeIngestStates:
    """A :class:`pipeline.kafka.ports.IngestStates` in a dict."""

    def __init__(self) -> None:
        self.states: dict[str, IngestState] = {}
        self._until_failure = 0

    def fail_at(self, save: int) -> None:
        """Raise at that save, counted from 1, as if the process ended there."""
        self._until_failure = save

    async def load(self) -> Mapping[str, IngestState]:
        return dict(self.states)

    async def save(self, state: IngestState) -> None:
        self._until_failure -= 1
        if self._until_failure == 0:
            raise ConnectionError("broken off")
        self.states[state.path] = state
