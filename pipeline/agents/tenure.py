"""For how long a worker may decide about what it has read.

What is decided from what a topic holds, and then written to that topic, must be decided by one
worker at a time. Kafka gives a partition to one worker of a group, but hands it on while the last
one still works on what it read: both would decide the same. So a worker decides within its tenure,
and lets the partitions go only between two decisions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TenureEnded(Exception):
    """The partitions were shared out anew since a batch was read: whoever has them now reads it
    again, from what was last committed. The batch must not be acknowledged."""


class Tenure:
    """A :class:`pipeline.agents.app.Owner` that ends decisions before partitions are handed on."""

    def __init__(self) -> None:
        self._deciding = asyncio.Lock()
        self._number = 0
        self._lasts = False

    @property
    def number(self) -> int:
        """Which tenure this is: to be taken down when a batch is begun."""
        return self._number

    def owns(self, partitions: frozenset[int]) -> None:  # noqa: ARG002 (all or none matter here)
        """A new one begins."""
        self._number += 1
        self._lasts = True

    async def lets_go(self) -> None:
        """It ends, once a decision that is being made is written."""
        async with self._deciding:
            self._number += 1
            self._lasts = False

    @asynccontextmanager
    async def decision(self, number: int) -> AsyncIterator[None]:
        """Decide and write within this context.

        Raises TenureEnded at its start, when this is no longer that tenure.
        """
        async with self._deciding:
            if not self._lasts or number != self._number:
                raise TenureEnded
            yield
