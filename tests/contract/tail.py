"""What every Tail does; a fake and the real one pass the same tests.

A test class inherits from :class:`TailContract` and gives the fixture ``topic``.
"""

from __future__ import annotations

from typing import Protocol

from pipeline.kafka.ports import Message, Publisher, Tail


class Topic(Protocol):
    """A topic that is written and read."""

    publisher: Publisher
    name: str

    def tail(self) -> Tail:
        """A reader of its own."""


async def caught_up(tail: Tail) -> list[tuple[bytes | None, bytes | None]]:
    return [(each.key, each.value) async for entries in tail.catch_up() for each in entries]


async def write(topic: Topic, *values: bytes | None, key: bytes = b"k") -> None:
    await topic.publisher.publish(
        [Message(topic=topic.name, key=key, value=value) for value in values]
    )


class TailContract:
    """The suite."""

    async def test_an_empty_topic_is_read_at_once(self, topic: Topic) -> None:
        tail = topic.tail()
        assert await caught_up(tail) == []
        assert await caught_up(tail) == []

    async def test_all_there_is_comes_first_and_then_what_is_new(self, topic: Topic) -> None:
        tail = topic.tail()
        await write(topic, *(b"%d" % number for number in range(50)))
        assert [value for _, value in await caught_up(tail)] == [b"%d" % n for n in range(50)]
        assert await caught_up(tail) == []
        await write(topic, b"new", None, key=b"other")
        assert await caught_up(tail) == [(b"other", b"new"), (b"other", None)]

    async def test_readers_do_not_share(self, topic: Topic) -> None:
        await write(topic, b"1")
        one, other = topic.tail(), topic.tail()
        assert await caught_up(one) == await caught_up(other) == [(b"k", b"1")]
