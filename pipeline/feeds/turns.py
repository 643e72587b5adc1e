"""Slots that many feeds want, taken in turn: none waits behind all that another wants."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol, TypeVar

from prometheus_client import Gauge

T = TypeVar("T")


class Guest(Protocol):
    """Whoever wants slots. ``key`` is in whose name; slow ones hold half of the slots at most."""

    @property
    def key(self) -> str: ...

    @property
    def is_slow(self) -> bool: ...


class Name(NamedTuple):
    """A :class:`Guest` and no more."""

    key: str
    is_slow: bool = False


class _Ticket:
    """One wish for a slot. ``is_slow`` is as it was when the slot was given."""

    def __init__(self, guest: Guest, *, urgent: bool) -> None:
        self.guest = guest
        self.urgent = urgent
        self.given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_slow = False
        self.since = 0.0


class Turns:
    """``at_once`` slots. A free one is for the key that holds the fewest, and among these for the
    one that held them for the fewest seconds while it wanted them; what is urgent comes first.

    So a key that wants many slots for long delays one that wants a single one by no more than the
    time of one turn, and by nothing where the former is known to be slow. ``waiting`` is a gauge of
    those that wait.
    """

    def __init__(self, at_once: int, waiting: Gauge | None = None) -> None:
        self._free = at_once
        self._free_for_slow = max(1, at_once // 2)
        self._gauge = waiting
        self._waiting: dict[str, deque[_Ticket]] = {}
        self._held: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}  # of the keys that wait or hold; a new one has _least
        self._least = 0.0

    @asynccontextmanager
    async def turn(self, guest: Guest) -> AsyncIterator[None]:
        """Wait for a slot, and hold it."""
        ticket = await self._take(guest, urgent=False)
        try:
            yield
        finally:
            self._give_back(ticket)

    async def run(
        self, guest: Guest, call: Callable[[], Awaitable[T]], *, urgent: bool = False
    ) -> T:
        """The result of a call that cannot be broken off: its slot is held until it has ended, even
        where nobody waits for it any more."""
        ticket = await self._take(guest, urgent=urgent)
        task = asyncio.ensure_future(call())
        task.add_done_callback(lambda done: self._ended(done, ticket))
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Future[T], ticket: _Ticket) -> None:
        self._give_back(ticket)
        if not task.cancelled():
            task.exception()  # looked at: else asyncio would log it where nobody waits any more

    async def _take(self, guest: Guest, *, urgent: bool) -> _Ticket:
        ticket = _Ticket(guest, urgent=urgent)
        self._waiting.setdefault(guest.key, deque()).append(ticket)
        self._seconds.setdefault(guest.key, self._least)
        self._count(1)
        self._give()
        try:
            await ticket.given
        except asyncio.CancelledError:
            self._withdraw(ticket)
            raise
        return ticket

    def _give(self) -> None:
        while self._free and (key := self._next()) is not None:
            ticket = self._waiting[key][0]
            self._leave_line(ticket)
            if ticket.given.cancelled():  # and whoever waited did not run since
                self._forget(key)
            else:
                self._give_to(ticket)

    def _give_to(self, ticket: _Ticket) -> None:
        key = ticket.guest.key
        ticket.is_slow = ticket.guest.is_slow
        ticket.since = asyncio.get_running_loop().time()
        self._free -= 1
        self._free_for_slow -= ticket.is_slow
        self._held[key] += 1
        self._least = max(self._least, self._seconds[key])
        ticket.given.set_result(None)

    def _next(self) -> str | None:
        """Whose turn it is; None where nobody may have a slot."""
        heads = ((key, tickets[0]) for key, tickets in self._waiting.items())
        may = [each for each in heads if self._free_for_slow > 0 or not each[1].guest.is_slow]
        first = min(may, key=lambda each: self._rank(*each), default=None)
        return first[0] if first else None

    def _rank(self, key: str, ticket: _Ticket) -> tuple[bool, int, float]:
        return not ticket.urgent, self._held[key], self._seconds[key]

    def _give_back(self, ticket: _Ticket) -> None:
        key = ticket.guest.key
        self._free += 1
        self._free_for_slow += ticket.is_slow
        self._held[key] -= 1
        self._seconds[key] += asyncio.get_running_loop().time() - ticket.since
        self._forget(key)
        self._give()

    def _withdraw(self, ticket: _Ticket) -> None:
        """Whoever waited is gone: with its slot, where it had got one in that very moment."""
        key = ticket.guest.key
        if not ticket.given.cancelled():
            self._give_back(ticket)
        elif ticket in self._waiting.get(key, ()):
            self._leave_line(ticket)
            self._forget(key)

    def _leave_line(self, ticket: _Ticket) -> None:
        key = ticket.guest.key
        self._waiting[key].remove(ticket)
        self._count(-1)
        if not self._waiting[key]:
            del self._waiting[key]

    def _forget(self, key: str) -> None:
        if not self._held[key]:
            del self._held[key]
            if key not in self._waiting:
                self._seconds.pop(key, None)

    def _count(self, change: int) -> None:
        if self._gauge is not None:
            self._gauge.inc(change)
