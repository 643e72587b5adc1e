"""Lists dead letters, shows one whole, sends them back, and throws them away.

All that is on the topic is read once for each question, piece by piece: what is held of a letter
meanwhile is its summary, on disk beyond a limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

import msgspec

from pipeline.kafka.ports import Message, Pieces, Publisher, StoredMessage
from pipeline.kafka.states import end_message
from pipeline.letters.filters import LetterFilter
from pipeline.letters.known import KnownLetters
from pipeline.letters.replay import back
from pipeline.letters.summary import LetterSummary, letter_of
from pipeline.records import DeadLetter

_AT_ONCE = 500


class Topic(NamedTuple):
    """The topic of dead letters, and those that letters may be sent back to."""

    name: str
    pieces: Pieces
    publisher: Publisher
    others: frozenset[str]


class Listed(msgspec.Struct, frozen=True):
    """The newest letters of those that are meant, and how many there are in all."""

    letters: list[LetterSummary]
    total: int


class Replayed(msgspec.Struct, frozen=True):
    """How many letters were sent back, and how many stay, by why."""

    replayed: int
    refused: dict[str, int]


class LetterDesk:
    """Works on one topic. Waits out an outage of Kafka."""

    def __init__(self, topic: Topic, clock: Callable[[], datetime]) -> None:
        self._topic = topic
        self._clock = clock

    async def newest(self, wanted: LetterFilter, limit: int) -> Listed:
        """Those that are meant, the newest first."""
        async with self._known() as known:
            return Listed(known.newest(wanted, limit), known.count(wanted))

    async def show(self, letter_id: str) -> DeadLetter | None:
        """A letter, with its payload."""
        async with self._known() as known:
            place = known.place(letter_id)
        if place is None:
            return None
        piece = await self._topic.pieces.read(*place, most=1)
        return letter_of(piece.messages[0]) if piece.messages else None

    async def replay(
        self, wanted: LetterFilter, limit: int | None = None, *, dry_run: bool = False
    ) -> Replayed:
        """Send the messages of letters back where they were read, and end the letters.

        A letter ends once its message is delivered: killed in between, the message is sent again,
        and falls away by its id. ``dry_run`` only counts.
        """
        refused: Counter[str] = Counter()
        replayed = 0
        async with self._known() as known:
            known.choose(wanted, limit)
            async for letters in self._chosen(known):
                sent = {}
                for letter_id, letter in letters:
                    message = back(letter, self._topic.others)
                    if isinstance(message, str):
                        refused[message] += 1
                    else:
                        sent[letter_id] = message
                replayed += len(sent)
                if not dry_run:
                    await self._topic.publisher.publish(list(sent.values()))
                    await self._end(list(sent))
        return Replayed(replayed, dict(refused))

    async def purge(
        self, wanted: LetterFilter, limit: int | None = None, *, dry_run: bool = False
    ) -> int:
        """End letters for good; how many they are."""
        async with self._known() as known:
            count = known.choose(wanted, limit)
            some: list[str] = []
            for letter_id in known.chosen_ids() if not dry_run else ():
                some.append(letter_id)
                if len(some) == _AT_ONCE:
                    await self._end(some)
                    some = []
            await self._end(some)
        return count

    @asynccontextmanager
    async def _known(self) -> AsyncIterator[KnownLetters]:
        known = KnownLetters()
        try:
            for partition in await self._topic.pieces.partitions():
                async for messages in self._read(partition):
                    for each in messages:
                        known.note(each)
            yield known
        finally:
            known.close()

    async def _read(self, partition: int) -> AsyncIterator[Sequence[StoredMessage]]:
        at, end = 0, await self._topic.pieces.end(partition)
        while at < end:
            piece = await self._topic.pieces.read(partition, at, _AT_ONCE)
            if piece.next <= at:
                return
            at = piece.next
            yield piece.messages

    async def _chosen(self, known: KnownLetters) -> AsyncIterator[list[tuple[str, DeadLetter]]]:
        for partition in await self._topic.pieces.partitions():
            at = known.next_chosen(partition, 0)
            while at is not None:
                piece = await self._topic.pieces.read(partition, at, _AT_ONCE)
                ids = known.chosen(partition, at, piece.next)
                found = ((ids[e.offset], letter_of(e)) for e in piece.messages if e.offset in ids)
                yield [(letter_id, letter) for letter_id, letter in found if letter is not None]
                at = known.next_chosen(partition, max(piece.next, at + 1))

    async def _end(self, letter_ids: Sequence[str]) -> None:
        now = self._clock()
        messages: list[Message] = [
            end_message(self._topic.name, letter_id, now) for letter_id in letter_ids
        ]
        await self._topic.publisher.publish(messages)
