"""What is kept until there is no room for it: the least recently used goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by name, of ``room`` bytes together at most, each as large as it was said to be. One
    that is larger than all the room is not kept."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._values: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._taken = 0

    def __len__(self) -> int:
        return len(self._values)

    @property
    def taken(self) -> int:
        """Bytes."""
        return self._taken

    def get(self, name: str) -> T | None:
        """The value, which is the most recently used one from now on; None where there is none."""
        found = self._values.get(name)
        if found is None:
            return None
        self._values.move_to_end(name)
        return found[0]

    def put(self, name: str, value: T, size: int) -> None:
        """Keep a value in place of the one of that name."""
        self.discard(name)
        self._values[name] = value, size
        self._taken += size
        while self._taken > self._room:
            _, (_, gone) = self._values.popitem(last=False)
            self._taken -= gone

    def discard(self, name: str) -> None:
        """Forget a value, if it is there."""
        _, size = self._values.pop(name, (None, 0))
        self._taken -= size
