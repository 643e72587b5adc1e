"""Dead letters on their way to Kafka: one for each place, and whole where Kafka can carry it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from pipeline.errors import ConfigurationError, Rejected
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.records import DeadLetter, encode
from pipeline.records.dead_letter import cut
from pipeline.telemetry.trace import TraceContext

logger = logging.getLogger(__name__)

# The fields beside the payload: an address and a detail that are long, and JSON's own signs.
_AROUND_BYTES = 65_536
# Where a topic takes less than a whole letter: so much of the payload, then none of it.
_CUTS = (65_536, 0)


def letter_limit(max_message_bytes: int) -> int:
    """Bytes of the largest dead letter: base64 of the largest message, and what is around it."""
    return 4 * -(-max_message_bytes // 3) + _AROUND_BYTES


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter with its id, which all letters of the same input share, and the trace that it
    belongs to."""

    letter: DeadLetter
    id: str
    trace: TraceContext | None = None

    def message(self, topic: str) -> Message:
        """The newest message of an id holds: what is refused again after a kill is one letter."""
        time = self.letter.failed_at
        return Message(
            topic=topic,
            key=self.id.encode("utf-8", "replace"),
            value=encode(self.letter),
            headers=cloud_event(event_id=self.id, event_type=topic, time=time, trace=self.trace),
        )

    def cut(self, payload_bytes: int) -> Addressed:
        """With less of its payload."""
        return msgspec.structs.replace(self, letter=cut(self.letter, payload_bytes))


def addressed(letter: DeadLetter, trace: TraceContext | None = None) -> Addressed:
    """A dead letter under the place of its input."""
    return Addressed(letter=letter, id=letter.place, trace=trace)


class LetterBox:
    """Sends dead letters to ``topic``. ``max_message_bytes`` is the limit of the other topics."""

    def __init__(self, publisher: Publisher, topic: str, max_message_bytes: int) -> None:
        self._publisher = publisher
        self._topic = topic
        self._whole = max_message_bytes

    async def send(self, letters: Sequence[Addressed]) -> None:
        """Return when all are delivered, each whole if the topic takes it.

        Raises ConfigurationError where it does not even take one without its payload.
        """
        if not letters:
            return
        fitting = [each.cut(self._whole) for each in letters]
        try:
            await self._publisher.publish([each.message(self._topic) for each in fitting])
        except Rejected:
            # Which of them it was is not told; those that arrived may arrive again.
            for each in fitting:
                await self._send_alone(each)

    async def _send_alone(self, letter: Addressed) -> None:
        for most in (None, *_CUTS):
            try:
                each = letter if most is None else letter.cut(most)
                await self._publisher.publish([each.message(self._topic)])
            except Rejected:
                continue
            if each.letter.payload_truncated:
                logger.warning(
                    "%s: a dead letter of %s is cut; raise the topic's max.message.bytes",
                    self._topic,
                    letter.id,
                )
            return
        raise ConfigurationError(
            f"topic {self._topic} takes no dead letter at all: raise its max.message.bytes"
        )
