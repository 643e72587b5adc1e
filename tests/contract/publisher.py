"""What every Publisher does; a fake and the real one pass the same tests.

A test class inherits from :class:`PublisherContract` and gives the fixture ``sink``.
"""

from __future__ import annotations

from typing import Protocol

import pytest

from pipeline.errors import Rejected
from pipeline.kafka.ports import Message, Publisher
from pipeline.records import Reason

LIMIT = 100_000  # bytes: what the publisher under test takes at most


class Sink(Protocol):
    """A publisher, and the topics it writes to."""

    publisher: Publisher
    topic: str

    async def arrived(self) -> list[Message]:
        """What is on the topic now, in order for each key."""


def a_message(topic: str, key: str, value: bytes) -> Message:
    return Message(topic=topic, key=key.encode(), value=value, headers=(("ce_id", key.encode()),))


class PublisherContract:
    """The suite."""

    async def test_published_means_arrived_with_key_value_and_headers(self, sink: Sink) -> None:
        message = a_message(sink.topic, "a", b"1")
        await sink.publisher.publish([message])
        assert await sink.arrived() == [message]

    async def test_messages_of_a_key_keep_their_order(self, sink: Sink) -> None:
        for start in range(0, 60, 20):
            batch = [
                a_message(sink.topic, f"k{n % 3}", b"%d" % n) for n in range(start, start + 20)
            ]
            await sink.publisher.publish(batch)
        arrived = await sink.arrived()
        for key in (b"k0", b"k1", b"k2"):
            values = [int(message.value) for message in arrived if message.key == key]
            assert values == list(range(int(key[1:]), 60, 3))

    async def test_nothing_to_publish_is_nothing(self, sink: Sink) -> None:
        await sink.publisher.publish([])
        assert await sink.arrived() == []

    @pytest.mark.parametrize("times", [1.2, 2])
    async def test_what_is_too_large_is_named_and_costs_only_itself(
        self, sink: Sink, times: float
    ) -> None:
        small = [a_message(sink.topic, f"k{n:02}", b"x") for n in range(40)]
        large = a_message(sink.topic, "huge", b"x" * int(LIMIT * times))
        with pytest.raises(Rejected, match=r"huge$") as raised:
            await sink.publisher.publish([*small[:10], large, *small[10:30]])
        assert raised.value.reason is Reason.TOO_LARGE
        await sink.publisher.publish(small[30:])
        arrived = await sink.arrived()
        assert {message.key for message in arrived} == {message.key for message in small}
