"""What every Pieces does; a fake and the real one pass the same tests.

A test class inherits from :class:`PiecesContract` and gives the fixture ``topic``.
"""

from __future__ import annotations

from typing import Protocol

from pipeline.kafka.ports import Message, Pieces, Publisher

COUNT = 1_200  # more than a client fetches at once


class Topic(Protocol):
    """A topic of which the messages of a key are in one partition."""

    publisher: Publisher
    name: str

    def pieces(self) -> Pieces:
        """A reader of its own."""

    def partition(self, key: bytes) -> int:
        """Where the messages of a key are."""


async def write(topic: Topic, count: int, key: bytes = b"1") -> int:
    headers = (("ce_id", b"x"),)
    await topic.publisher.publish(
        [
            Message(topic=topic.name, key=key, value=b"%d" % number, headers=headers)
            for number in range(count)
        ]
    )
    return topic.partition(key)


class PiecesContract:
    """The suite."""

    async def test_all_is_read_piece_by_piece(self, topic: Topic) -> None:
        partition, pieces, at = await write(topic, COUNT), topic.pieces(), 0
        values: list[bytes | None] = []
        while at < await pieces.end(partition):
            piece = await pieces.read(partition, at, 500)
            assert 0 < len(piece.messages) <= 500
            assert [each.offset for each in piece.messages] == list(range(at, piece.next))
            values += [each.value for each in piece.messages]
            at = piece.next
        assert values == [b"%d" % number for number in range(COUNT)]

    async def test_a_message_stands_where_it_is_said_to_with_all_it_has(self, topic: Topic) -> None:
        partition = await write(topic, 3)
        (message,) = (await topic.pieces().read(partition, 1, 1)).messages
        assert (message.partition, message.offset, message.key) == (partition, 1, b"1")
        assert (message.value, message.headers) == (b"1", (("ce_id", b"x"),))

    async def test_at_the_end_is_nothing_until_there_is(self, topic: Topic) -> None:
        partition, pieces = await write(topic, 2), topic.pieces()
        assert await pieces.read(partition, 2, 10) == ([], 2)
        await write(topic, 1)
        assert len((await pieces.read(partition, 2, 10)).messages) == 1

    async def test_what_is_beyond_the_end_is_read_from_the_beginning(self, topic: Topic) -> None:
        partition = await write(topic, 2)
        assert len((await topic.pieces().read(partition, 100, 10)).messages) == 2
