"""A reverse proxy on loopback that stands before the real Elasticsearch and does it harm.

Faults that a healthy server does not produce on demand are lined up; each request of the chosen
kind takes the next one, and passes unharmed when none is left.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import ClientSession, web

MEBIBYTE = 1024 * 1024
PRODUCT = {"X-Elastic-Product": "Elasticsearch"}

Forward = Callable[[], Awaitable[web.Response]]
Fault = Callable[[web.Request, Forward], Awaitable[web.StreamResponse]]


class FaultyProxy:
    """``async with FaultyProxy(url) as proxy``: then ``proxy.url`` is a broken Elasticsearch."""

    def __init__(self, upstream: str, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._upstream = upstream
        self._port = port
        self._tls = tls
        self._faults: deque[Fault] = deque()
        self._endpoint = "_bulk"
        self.bulk_sizes: list[int] = []
        self.url = ""

    def fail(self, *faults: Fault, endpoint: str = "_bulk") -> None:
        """From now on, the next requests to ``endpoint`` meet these faults, one each."""
        self._faults = deque(faults)
        self._endpoint = endpoint

    @property
    def exhausted(self) -> bool:
        """Whether every fault has been met."""
        return not self._faults

    async def __aenter__(self) -> Self:
        self._session = ClientSession()
        app = web.Application(client_max_size=64 * MEBIBYTE)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"{'https' if self._tls else 'http'}://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        endpoint = request.path.rsplit("/", 1)[-1]
        if endpoint == "_bulk":
            self.bulk_sizes.append(len(body))

        async def forward() -> web.Response:
            return await self._forward(request, body)

        if endpoint == self._endpoint and self._faults:
            return await self._faults.popleft()(request, forward)
        return await forward()

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        url = f"{self._upstream}{request.path_qs}"
        kept = {k: v for k, v in request.headers.items() if k.lower() in {"content-type", "accept"}}
        async with self._session.request(request.method, url, data=body, headers=kept) as answer:
            passed = {"Content-Type": answer.headers.get("Content-Type", "application/json")}
            return web.Response(
                status=answer.status, body=await answer.read(), headers=passed | PRODUCT
            )


async def passes(_: web.Request, forward: Forward) -> web.StreamResponse:
    """No fault at all: to let one request through before the next fault."""
    return await forward()


def answers(status: int, body: str = '{"error":{"type":"made_up_exception"}}') -> Fault:
    """Answer with a status of its own; nothing reaches Elasticsearch."""

    async def fault(_: web.Request, __: Forward) -> web.StreamResponse:
        headers = PRODUCT | {"Content-Type": "application/json"}
        return web.Response(status=status, text=body, headers=headers)

    return fault


async def speaks_html(_: web.Request, __: Forward) -> web.StreamResponse:
    """A page, with 200, as some proxies serve it."""
    return web.Response(text="<h1>Welcome</h1>", content_type="text/html")


async def resets(request: web.Request, _: Forward) -> web.StreamResponse:
    """Cut the connection without an answer; nothing reaches Elasticsearch."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def resets_after_writing(request: web.Request, forward: Forward) -> web.StreamResponse:
    """Cut the connection when Elasticsearch has done it all."""
    await forward()
    return await resets(request, forward)


async def hangs(_: web.Request, __: Forward) -> web.StreamResponse:
    """Take the request and never answer."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets that event")


def waits_for(event: asyncio.Event, *, arrived: asyncio.Event) -> Fault:
    """Set ``arrived``, and go on only when ``event`` is set."""

    async def fault(_: web.Request, forward: Forward) -> web.StreamResponse:
        arrived.set()
        await event.wait()
        return await forward()

    return fault


def items_fail(status: int, *, places: set[int]) -> Fault:
    """Do it all, and then say of those items at ``places`` that are there that they failed."""

    async def fault(_: web.Request, forward: Forward) -> web.StreamResponse:
        answer = await forward()
        items = _items(answer)
        for place in places & set(range(len(items))):
            (action,) = items[place]
            items[place] = {action: {"status": status, "error": {"type": "made_up_exception"}}}
        return _with_items(items)

    return fault


async def loses_an_item(_: web.Request, forward: Forward) -> web.StreamResponse:
    """Do it all, and answer for one item fewer."""
    return _with_items(_items(await forward())[:-1])


def _items(answer: web.Response) -> list[dict[str, object]]:
    assert isinstance(answer.body, bytes)
    items: list[dict[str, object]] = json.loads(answer.body)["items"]
    return items


def _with_items(items: list[dict[str, object]]) -> web.Response:
    return web.json_response({"items": items}, headers=PRODUCT)
