"""Live news first: two topics that share one worker's handler, and who has the right of way.

Each lane is an app of its own, with its own consumer: within one app a full buffer of archived
articles would hold up the live ones behind it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from pipeline.agents.batch import Handler, RawMessage
from pipeline.agents.watchdog import Watchdog


class Lane:
    """A handler, and a watchdog that hears of progress only while this lane has work in hand.

    Else a lane whose consumer is stuck would seem alive for as long as the other one works.
    """

    def __init__(self, handler: Handler, stall_seconds: float) -> None:
        self._handler = handler
        self.watchdog = Watchdog(stall_seconds, time.monotonic())
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

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._clear = asyncio.Event()
        self._clear.set()

    async def live(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`Handler` that goes at once."""
        self._clear.clear()
        try:
            await self._handler(batch)
        finally:
            self._clear.set()

    async def backfill(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`Handler` that gives way."""
        await self._clear.wait()
        await self._handler(batch)
