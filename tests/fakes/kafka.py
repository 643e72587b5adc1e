"""Kafka in memory: passes the same contract suite as the real one (tests/contract)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic

from pipeline.errors import FeedLost, Rejected
from pipeline.kafka.compacted import Kind, R
from pipeline.kafka.letters import letter_limit
from pipeline.kafka.ports import Entry, Message, Piece, Share, Stored, StoredMessage
from pipeline.kafka.states import INGEST_STATES, SAVED_SEARCHES
from pipeline.records import FeedState, IngestState, Reason, SavedSearch


class FakePublisher:
    """A :class:`pipeline.kafka.ports.Publisher` that keeps what it is given in ``sent``.

    ``limit`` is that of messages, ``limits`` that of topics with another one.
    """

    def __init__(
        self, limit: int = letter_limit(4_194_304), limits: Mapping[str, int] | None = None
    ) -> None:
        self.sent: list[Message] = []
        self._limit = limit
        self._limits = limits or {}
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
        refused = [each for each in messages if len(each.value or b"") > self._limit_of(each)]
        self.sent += [message for message in messages if message not in refused]
        if refused:
            keys = ", ".join(message.key.decode("utf-8", "replace") for message in refused)
            raise Rejected(Reason.TOO_LARGE, f"over the message size limit of Kafka: {keys}")

    def _limit_of(self, message: Message) -> int:
        return self._limits.get(message.topic, self._limit)


class FakeFeedGroup:
    """Consumers that share two partitions evenly, in the order they joined."""

    def __init__(self, states: FakeFeedStates) -> None:
        self._states = states
        self._members: list[FakeFeedShare] = []

    def join(self) -> FakeFeedShare:
        """One more consumer."""
        member = FakeFeedShare(self._states)
        self._members.append(member)
        self._share_out()
        return member

    def leave(self, member: FakeFeedShare) -> None:
        """One consumer less."""
        self._members.remove(member)
        self._share_out()

    def _share_out(self) -> None:
        for place, member in enumerate(self._members):
            member.gives(*range(place, 2, len(self._members)))


class FakeFeedShare:
    """A :class:`pipeline.kafka.ports.FeedShare` of two partitions; ``gives`` hands some of them
    out, with the states that are saved then. A feed is in the partition its id ends in, else 0."""

    def __init__(self, states: FakeFeedStates) -> None:
        self._states = states
        self._shares: asyncio.Queue[Share | Exception] = asyncio.Queue()
        self._now = self._share(frozenset(), {})

    def gives(self, *partitions: int) -> FakeFeedShare:
        """Hand out these partitions and no others."""
        before, owned = self._now, frozenset(partitions)
        self._now = self._share(owned, {})
        states = {
            feed_id: stored
            for feed_id, stored in self._states.states.items()
            if self._now.owns(feed_id) and not before.owns(feed_id)
        }
        self._shares.put_nowait(self._share(owned, states))
        return self

    def refuses(self, error: Exception) -> FakeFeedShare:
        """Let nobody in."""
        self._shares.put_nowait(error)
        return self

    async def shares(self) -> AsyncIterator[Share]:
        while True:
            share = await self._shares.get()
            if isinstance(share, Exception):
                raise share
            yield share

    async def save(self, state: FeedState) -> None:
        if not self._now.owns(state.feed_id):
            raise FeedLost(f"feed {state.feed_id} went to another consumer")
        await self._states.save(state)

    def _share(self, partitions: frozenset[int], states: Mapping[str, Stored]) -> Share:
        return Share(partitions=partitions, partition=_last_digit, writer=self, states=states)


def _last_digit(feed_id: str) -> int:
    return 1 if feed_id.endswith("1") else 0


class FakeFeedStates:
    """A :class:`pipeline.kafka.ports.FeedStates` in a dict."""

    def __init__(self) -> None:
        self.states: dict[str, Stored] = {}
        self._until_failure = 0

    def fail_at(self, save: int) -> None:
        """Raise at that save, counted from 1, as if the process ended there."""
        self._until_failure = save

    async def load(self) -> Mapping[str, Stored]:
        return dict(self.states)

    async def save(self, state: FeedState) -> None:
        self._until_failure -= 1
        if self._until_failure == 0:
            raise ConnectionError("broken off")
        before = self.states.get(state.feed_id)
        if before is None or before.turn <= state.turn:
            self.states[state.feed_id] = state


class FakeStates(Generic[R]):
    """A :class:`pipeline.kafka.ports.States` in a dict."""

    def __init__(self, kind: Kind[R]) -> None:
        self.states: dict[str, R] = {}
        self._key = kind.key
        self._until_failure = 0

    def fail_at(self, save: int) -> None:
        """Raise at that save, counted from 1, as if the process ended there."""
        self._until_failure = save

    async def load(self) -> Mapping[str, R]:
        return dict(self.states)

    async def save(self, state: R) -> None:
        self._until_failure -= 1
        if self._until_failure == 0:
            raise ConnectionError("broken off")
        self.states[self._key(state)] = state

    async def remove(self, key: str, now: datetime) -> None:
        self.states.pop(key, None)


class FakeIngestStates(FakeStates[IngestState]):
    """A :class:`pipeline.kafka.ports.IngestStates` in a dict."""

    def __init__(self) -> None:
        super().__init__(INGEST_STATES)


class FakeSavedSearches(FakeStates[SavedSearch]):
    """A :class:`pipeline.kafka.ports.SavedSearches` in a dict."""

    def __init__(self) -> None:
        super().__init__(SAVED_SEARCHES)


class FakePieces:
    """A :class:`pipeline.kafka.ports.Pieces` of what a fake publisher was given for a topic;
    ``partition_of`` shares it out."""

    def __init__(
        self,
        publisher: FakePublisher,
        topic: str,
        partition_of: Callable[[Message], int] = lambda _: 0,
    ) -> None:
        self._publisher = publisher
        self._topic = topic
        self._partition_of = partition_of

    async def read(self, partition: int, offset: int, most: int) -> Piece:
        there = self.stored(partition)
        first = 0 if offset > len(there) else offset
        found = there[first : first + most]
        return Piece(found, first + len(found))

    async def partitions(self) -> Sequence[int]:
        return sorted({0, *map(self._partition_of, self._publisher.of(self._topic))})

    async def end(self, partition: int) -> int:
        return len(self.stored(partition))

    def stored(self, partition: int) -> list[StoredMessage]:
        """All of a partition."""
        messages = self._publisher.of(self._topic)
        mine = [each for each in messages if self._partition_of(each) == partition]
        return [
            StoredMessage(
                partition=partition,
                offset=at,
                time=at,
                key=message.key,
                value=message.value,
                headers=message.headers,
            )
            for at, message in enumerate(mine)
        ]


class FakeTail:
    """A :class:`pipeline.kafka.ports.Tail` of what a fake publisher was given for a topic."""

    def __init__(self, publisher: FakePublisher, topic: str) -> None:
        self._publisher = publisher
        self._topic = topic
        self._read = 0
        self.made_again = 0

    def make_again(self) -> None:
        """The topic is deleted, and there is an empty one of its name."""
        self.made_again += 1

    async def catch_up(self) -> AsyncIterator[Sequence[Entry]]:
        messages = self._publisher.of(self._topic)[self._read :]
        self._read += len(messages)
        for message in messages:
            yield [Entry(message.key, message.value)]
