"""How often one client may ask: a token bucket for each address.

A client is an IPv4 address, or the /64 that an IPv6 address is in: whoever has one has all of it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from starlette.types import Scope

_CLIENTS = 10_000


class Limits:
    """``per_minute`` requests a minute for each client, as many at once; 0 for no limit.

    Of more than ``_CLIENTS`` clients the ones not seen for longest are forgotten.
    """

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until the client may ask; at 0 it has asked."""
        if self.per_minute == 0:
            return 0.0
        now, rate = self._monotonic(), self.per_minute / 60
        left, then = self._buckets.pop(client, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - then) * rate)
        wait = 0.0 if left >= 1 else (1 - left) / rate
        self._buckets[client] = (left - 1 if wait == 0 else left, now)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return wait


def client_of(scope: Scope) -> str:
    """Whom a request counts for."""
    client = scope.get("client")
    return network_of(client[0]) if client else ""


def network_of(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 one; what is neither, as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((int(parsed), 64), strict=False))
