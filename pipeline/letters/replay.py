"""What is sent back, and why some is not: pure."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.kafka.ports import Message
from pipeline.records import DeadLetter, Reason

NO_MESSAGE = "was no message: a feed is read again at its next poll, a file with ingest --restart"
GIVEN_UP = "is an alert that its destination did not take"
CUT = "was cut, and would not be whole"
FOREIGN = "is of a topic that is not of this line"


def back(letter: DeadLetter, topics: Collection[str]) -> Message | str:
    """The message that was refused, as it was; or why it cannot be sent back to one of
    ``topics``."""
    if letter.topic is None:
        return GIVEN_UP if letter.reason is Reason.UNDELIVERABLE else NO_MESSAGE
    if letter.topic not in topics:
        return FOREIGN
    if letter.payload_truncated:
        return CUT
    return Message(
        topic=letter.topic,
        key=letter.key_bytes(),
        value=None if letter.reason is Reason.TOMBSTONE else letter.payload_bytes(),
        headers=letter.header_bytes(),
    )
