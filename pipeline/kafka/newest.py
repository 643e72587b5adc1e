"""What holds of each key of a compacted topic, whatever partition its messages are in. Pure.

Where a topic was given more partitions, keys move: what was written before stays in the old
partition, and both are read, in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from pipeline.kafka.ports import Entry

T = TypeVar("T")


def _no_fence(_: bytes) -> int:
    return 0


def _any_key(_: str) -> bool:
    return True


class _Said(NamedTuple, Generic[T]):
    """What a message says of its key; ``value`` is None where it ends it."""

    value: T | None
    fence: int
    partition: int
    time_ms: int
    ends: bool

    def holds_after(self, before: _Said[T]) -> bool:
        """Whether this one, read after ``before``, is what holds."""
        if not (self.ends or before.ends) and self.fence != before.fence:
            return self.fence > before.fence
        return self.partition == before.partition or self.time_ms >= before.time_ms


class Newest(Generic[T]):
    """Takes messages in the order of each partition.

    ``read`` makes of a key and its value what is kept; None where it cannot be read, which is then
    what holds. ``fence`` numbers values: one of a lower number than what is there comes from a
    writer that was replaced, and does not hold. Keys that are not ``wanted`` are passed by.
    """

    def __init__(
        self,
        read: Callable[[str, bytes], T | None],
        fence: Callable[[bytes], int] = _no_fence,
        wanted: Callable[[str], bool] = _any_key,
    ) -> None:
        self._read = read
        self._fence = fence
        self._wanted = wanted
        self._said: dict[str, _Said[T]] = {}

    def add(self, entry: Entry) -> None:
        """Take a message."""
        key = (entry.key or b"").decode("utf-8", "replace")
        if not self._wanted(key):
            return
        said = self._what(key, entry)
        before = self._said.get(key)
        if before is None or said.holds_after(before):
            self._said[key] = said

    def found(self) -> dict[str, T]:
        """What holds, by key."""
        return {key: said.value for key, said in self._said.items() if said.value is not None}

    def _what(self, key: str, entry: Entry) -> _Said[T]:
        value = entry.value
        return _Said(
            value=None if value is None else self._read(key, value),
            fence=0 if value is None else self._fence(value),
            partition=entry.partition,
            time_ms=entry.time_ms,
            ends=value is None,
        )
