"""HTTP connections with an end: of their heads, of idle time, and of their number.

The server's own time-out begins after the first answer: whoever sends half a request, or nothing at
all, would be waited for without end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from pipeline.web.limits import network_of

HEAD_SECONDS = 10.0
"""For a request's head, from when the connection is there or the answer before it has ended."""


class Doorkeeper:
    """Counts the connections of each client; ``proxies`` are others' doors, and have no limit."""

    def __init__(self, most: int, of_client: int, proxies: frozenset[str]) -> None:
        self._most = most
        self._of_client = of_client
        self._proxies = proxies
        self._open: Counter[str] = Counter()
        self._all = 0

    def enter(self, address: str) -> bool:
        """Whether one more may come in; then it has to :meth:`leave`."""
        client = network_of(address)
        is_proxy = address in self._proxies
        if self._all >= self._most or (not is_proxy and self._open[client] >= self._of_client):
            return False
        self._open[client] += 1
        self._all += 1
        return True

    def leave(self, address: str) -> None:
        """One is gone."""
        client = network_of(address)
        self._open[client] -= 1
        self._all -= 1
        if not self._open[client]:
            del self._open[client]


class GuardedProtocol(H11Protocol):
    """A connection that ``doorkeeper`` has to let in, and whose requests have to come in time."""

    doorkeeper: ClassVar[Doorkeeper]
    _timer: asyncio.TimerHandle | None = None
    _address: str | None = None

    def connection_made(self, transport: Any) -> None:
        """It is there: let in, or hung up on."""
        super().connection_made(transport)
        address = (transport.get_extra_info("peername") or ("",))[0]
        if not self.doorkeeper.enter(address):
            transport.abort()
            return
        self._address = address
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._rest()
        if self._address is not None:
            self.doorkeeper.leave(self._address)
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A piece of a request: with the first of its head the time begins."""
        if self._timer is None and not self._is_answering():
            self._watch()
        super().data_received(data)
        if self._is_answering():
            self._rest()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _watch(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.abort()


def protocol(doorkeeper: Doorkeeper) -> type[GuardedProtocol]:
    """The protocol of a server whose connections ``doorkeeper`` lets in."""
    return type("GuardedProtocol", (GuardedProtocol,), {"doorkeeper": doorkeeper})
