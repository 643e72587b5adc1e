"""A batch of raw messages, and how each becomes a record or a dead letter."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import msgspec

from pipeline.errors import Rejected
from pipeline.metrics import BATCH_MESSAGES, BATCH_SECONDS, IN_FLIGHT
from pipeline.records import DeadLetter, Reason, Stage, dead_letter, decode

R = TypeVar("R", bound=msgspec.Struct)


class RawMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message as Kafka holds it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    @property
    def position(self) -> str:
        """``topic/partition/offset``: identifies the message."""
        return f"{self.topic}/{self.partition}/{self.offset}"


Handler = Callable[[Sequence[RawMessage]], Awaitable[None]]
"""Returns when all that the batch led to is delivered. Raises only to end the process."""


def read(message: RawMessage, record: type[R], limit: int) -> R:
    """The record in a message. Raises Rejected, with TOO_LARGE for a value over ``limit`` bytes."""
    size = len(message.value or b"")
    if size > limit:
        raise Rejected(Reason.TOO_LARGE, f"{size} bytes, the limit is {limit}")
    return decode(message.value, record)


def letter(message: RawMessage, stage: Stage, why: Rejected, now: datetime) -> DeadLetter:
    """The dead letter of a message that was refused."""
    return dead_letter(
        stage=stage,
        reason=why.reason,
        detail=why.detail,
        failed_at=now,
        payload=message.value or b"",
        key=message.key,
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        headers=message.headers,
    )


@contextmanager
def in_hand(
    stage: Stage, messages: int, clock: Callable[[], float] = time.perf_counter
) -> Iterator[None]:
    """Count a batch while ``stage`` works on it, and how long that took once it is done.

    A batch that raised is not measured: the process ends, and the batch is taken again.
    """
    started = clock()
    BATCH_MESSAGES.labels(stage).observe(messages)
    IN_FLIGHT.labels(stage).inc(messages)
    try:
        yield
        BATCH_SECONDS.labels(stage).observe(clock() - started)
    finally:
        IN_FLIGHT.labels(stage).dec(messages)
