"""How long the event loop of this process is kept from its tasks, as a gauge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pipeline.metrics import LOOP_BLOCKED

_LOOK_SECONDS = 0.1
SPAN_SECONDS = 60.0


class Longest:
    """The longest of what was noted in the last ``span`` to two of them."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._since: float | None = None
        self._before = self._now = 0.0

    def note(self, value: float, at: float) -> float:
        """Note a value at a time that never runs back; returns the longest."""
        if self._since is None or at - self._since >= self._span:
            self._before = self._now if self._since is not None else 0.0
            self._since, self._now = at, 0.0
        self._now = max(self._now, value)
        return max(self._before, self._now)


@asynccontextmanager
async def measured_loop() -> AsyncIterator[None]:
    """Within the context, the gauge says how late the running loop was at most."""
    measuring = asyncio.create_task(_measure())
    try:
        yield
    finally:
        measuring.cancel()
        await asyncio.wait([measuring])


async def _measure() -> None:
    loop, longest = asyncio.get_running_loop(), Longest(SPAN_SECONDS)
    while True:
        started = loop.time()
        await asyncio.sleep(_LOOK_SECONDS)
        now = loop.time()
        LOOP_BLOCKED.set(longest.note(max(0.0, now - started - _LOOK_SECONDS), now))
