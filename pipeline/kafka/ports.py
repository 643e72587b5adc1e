"""What feeds, archives and alerts need of Kafka, as protocols with a fake each in tests/fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

import msgspec

from pipeline.records import Delivery, FeedState, IngestState, Reason, SavedSearch

R = TypeVar("R")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to be sent. On a compacted topic one without a value ends its key."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


# Headers, key and record framing come on top of the value that Kafka's size limit counts.
_FRAMING_BYTES = 4_096


def fits(value: bytes, max_message_bytes: int) -> bool:
    """Whether a message with this value stays within Kafka's limit, with room for its headers."""
    return len(value) <= max_message_bytes - _FRAMING_BYTES


class Publisher(Protocol):
    """Sends messages, and knows when they have arrived."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return when every message is on all in-sync replicas; messages of a key keep their order.

        Waits out a broker that is gone. Raises Rejected(TOO_LARGE) for a message the broker will
        never take, naming its key; the others of the call are delivered all the same. Raises
        ConfigurationError when the broker does not let us in: waiting does not cure that.
        """


class NeverPolled(msgspec.Struct, frozen=True):
    """The states were read to their end, and there is none of this feed."""


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A stored state that this program cannot read: ``value`` as it is stored, ``reason`` and
    ``detail`` why.

    ``turn`` is that of the state where it can be told, else 0.
    """

    value: bytes
    reason: Reason
    detail: str
    turn: int = 0


Stored: TypeAlias = FeedState | Unreadable
"""What is stored of a feed."""

Known: TypeAlias = Stored | NeverPolled
"""What is known of a feed of ours. That nothing was read is none of it: then there is no answer."""


class FeedWriter(Protocol):
    """Writes the states of the feeds that are this consumer's, and of no others."""

    async def save(self, state: FeedState) -> None:
        """Return when the state is delivered.

        Raises FeedLost, and writes nothing, when the feed is not this consumer's any more.
        """


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What of all feeds is this consumer's: those that ``partition`` puts into ``partitions``.

    ``states`` has what is stored of those that have just become its own, all of it: a feed of ours
    that was never in such ``states`` was never polled.
    """

    partitions: frozenset[int]
    partition: Callable[[str], int]
    writer: FeedWriter
    states: Mapping[str, Stored] = {}

    def owns(self, feed_id: str) -> bool:
        """Whether a feed is this consumer's."""
        return self.partition(feed_id) in self.partitions


class FeedShare(Protocol):
    """Shares the feeds among all consumers that run; when one dies, its feeds go to the others."""

    def shares(self) -> AsyncIterator[Share]:
        """What this consumer shares in, anew each time it changes. Waits out an outage.

        The states come after everything the feed's last consumer wrote. A feed whose states were
        not read to their end is in no share.
        """


class FeedStates(Protocol):
    """The states of all feeds, for who polls or shows them alone."""

    async def load(self) -> Mapping[str, Stored]:
        """The latest state of each feed, by its id."""

    async def save(self, state: FeedState) -> None:
        """Return when the state is delivered."""


class States(Protocol[R]):
    """The state of everything of one kind."""

    async def load(self) -> Mapping[str, R]:
        """The latest state of each, by key: archives by their path, all others by their id."""

    async def save(self, state: R) -> None:
        """Return when the state is delivered."""

    async def remove(self, key: str, now: datetime) -> None:
        """Return when it is delivered that there is no such state any more."""


class Entry(NamedTuple):
    """What is read of a message: ``time_ms`` is when it was written, by the writer's clock."""

    key: bytes | None
    value: bytes | None
    partition: int = 0
    time_ms: int = 0


class Tail(Protocol):
    """A topic that is read from its beginning, and read on whenever it is asked for."""

    @property
    def made_again(self) -> int:
        """How often the topic was found made again: what was read before stands in it no more."""

    def catch_up(self) -> AsyncIterator[Sequence[Entry]]:
        """What came since the last call, in order for each key, up to what is there at the call.

        Waits out an outage. To be iterated to its end before the next call.
        """


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message where it stands. ``time`` is when it was written, in milliseconds."""

    partition: int
    offset: int
    time: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class Piece(NamedTuple):
    """Messages of a partition in order, and the offset from which to read on."""

    messages: Sequence[StoredMessage]
    next: int


class Pieces(Protocol):
    """A topic that is read by pieces, from wherever one wants. Waits out an outage."""

    async def read(self, partition: int, offset: int, most: int) -> Piece:
        """At most so many messages of what is there from ``offset`` on, fewer where they are large.

        What retention took is passed over. An offset beyond the end is of another topic of that
        name, that was deleted: this one is read from its beginning.
        """

    async def partitions(self) -> Sequence[int]:
        """Those that the topic has."""

    async def end(self, partition: int) -> int:
        """The offset that the next message of a partition will have."""


IngestStates: TypeAlias = States[IngestState]
SavedSearches: TypeAlias = States[SavedSearch]
Deliveries: TypeAlias = States[Delivery]
