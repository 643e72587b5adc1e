"""Live news first: two topics that share one worker's handler, and who has the right of way.

Each lane is an app of its own, with its own consumer: within one app a full buffer of archived
articles would hold up the live ones behind it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.agents.batch import Handler, RawMessage
from pipeline.agents.watchdog import Watchdog


class Lane:
    """A handler, and a watchdog that hears of progress only while this lane has work in hand.

    Else a lane whose consumer is stuck would seem alive for as long as the other one works.
    """

    def __init__(self, handler: Handler, stall_seconds: float, topic_id: str) -> None:
        self._handler = handler
        self.watchdog = Watchdog(stall_seconds, time.monotonic(), topic_id)
        self._busy = False

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`Handler`."""
        self._busy = True
        try:
            await self._handler(batch)
        finally:
            self._busy = False

    def beat(self) -> None:
        """Something made progress on behalf of whoever has a batch in hand."""
        if self._busy:
            self.acknowledged()

    def acknowledged(self) -> None:
        """A batch of this lane was acknowledged."""
        self.watchdog.beat(time.monotonic())


class RightOfWay:
    """Lets a batch of archived articles begin only while no live batch is in hand.

    Live news waits for one such batch at most. Archived articles get their turn between two live
    batches, so that a line that is always busy does not leave them standing for ever.
    """

    def __init__(self) -> None:
        self._clear = asyncio.Event()
        self._clear.set()

    def live(self, handler: Handler) -> Handler:
        """A handler that goes at once."""

        async def go(batch: Sequence[RawMessage]) -> None:
            self._clear.clear()
            try:
                await handler(batch)
            finally:
                self._clear.set()

        return go

    def backfill(self, handler: Handler) -> Handler:
        """A handler that gives way."""

        async def give_way(batch: Sequence[RawMessage]) -> None:
            await self._clear.wait()
            await handler(batch)

        return give_way

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While a live batch only waits, archived ones may pass."""
        self._clear.set()
        try:
            yield
        finally:
            self._clear.clear()
