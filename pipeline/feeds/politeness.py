"""How many requests a host gets at a time, and how soon after one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from weakref import WeakValueDictionary

from pipeline.feeds.turns import Guest, Turns


class HostGate:
    """Lets requests through, ``at_once`` to a host at a time, over all feeds; these take turns."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._hosts: WeakValueDictionary[str, Host] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, host: str, guest: Guest) -> AsyncIterator[Host]:
        """Wait for a turn at ``host``, and have it."""
        gate = self._hosts.get(host)
        if gate is None:
            gate = self._hosts[host] = Host(self._at_once)
        async with gate.turns.turn(guest):
            yield gate


class Host:
    """The turns of one host; kept as long as somebody waits for it or has just had one."""

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self._free_at = 0.0
        self._kept: asyncio.TimerHandle | None = None

    async def pause(self, delay: timedelta) -> None:
        """Wait until ``delay`` has passed since the request before, by its own delay, began."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        start = max(now, self._free_at)
        self._free_at = start + delay.total_seconds()
        if self._kept is not None:
            self._kept.cancel()
        # A reference to this host until its next turn may begin: nobody else holds one.
        self._kept = loop.call_at(self._free_at, self._forget)
        await asyncio.sleep(start - now)

    def _forget(self) -> None:
        self._kept = None
