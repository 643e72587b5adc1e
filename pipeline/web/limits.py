"""How often one client may ask: a token bucket for each address."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from fastapi import Request

from pipeline.web.problems import Problem

_CLIENTS = 10_000


class Limits:
    """``per_minute`` requests a minute for each client, as many at once; 0 for no limit.

    Of more than ``_CLIENTS`` clients the ones not seen for longest are forgotten.
    """

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def spend(self, request: Request) -> None:
        """Count a request. Raises a Problem where it is one too many."""
        wait = self.wait(request.client.host if request.client else "")
        if wait > 0:
            raise Problem(
                429,
                "Too many requests",
                f"at most {self._per_minute} a minute; go on in {ceil(wait)} s",
                {"Retry-After": str(ceil(wait))},
            )

    def wait(self, client: str) -> float:
        """Seconds until the client may ask; at 0 it has asked."""
        if self._per_minute == 0:
            return 0.0
        now, rate = self._monotonic(), self._per_minute / 60
        left, then = self._buckets.pop(client, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - then) * rate)
        wait = 0.0 if left >= 1 else (1 - left) / rate
        self._buckets[client] = (left - 1 if wait == 0 else left, now)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return wait
