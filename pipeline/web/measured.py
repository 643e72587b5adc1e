"""How long each request takes, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.metrics import HTTP_SECONDS

STATIC, NONE, OTHER = "static", "none", "other"


class Measured:
    """Measures every HTTP request until its answer begins, so that a stream is no slow request.

    Plain ASGI: it does not hold back a stream. A request that its client left before that is not
    measured.
    """

    def __init__(
        self, app: ASGIApp, prefix: str, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and measure."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, waiting = self._clock(), True

        def answered(status: int) -> None:
            nonlocal waiting
            if waiting:
                waiting = False
                labels = (method_of(scope), route_of(scope, self._prefix), str(status))
                HTTP_SECONDS.labels(*labels).observe(self._clock() - began)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            answered(500)  # what the server then answers is sent past us
            raise


def route_of(scope: Scope, prefix: str) -> str:
    """The template of the route that a request took, never its path: that would be a series for
    each article. ``prefix`` is that of the API, which its routes leave out."""
    route = scope.get("route")
    if route is not None:
        template: str = route.path
        inside = scope["path"].startswith(f"{prefix}/")
        return f"{prefix}{template}" if inside else template
    return STATIC if scope.get("endpoint") is not None else NONE


def method_of(scope: Scope) -> str:
    """The method, where the route has it: clients may make up others."""
    known = getattr(scope.get("route"), "methods", None) or {"GET", "HEAD"}
    method: str = scope["method"]
    return method if method in known else OTHER
