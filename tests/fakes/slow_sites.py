"""Sites on loopback, each at an address of its own, some of which answer as slowly as they like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sites:
    """Serves whatever was put at (host, path); everything else is a 404. ``asked`` counts the
    requests of each."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: dict[tuple[str, str], int] = {}
        self._answers: dict[tuple[str, str], Answer] = {}

    def url(self, host: str, path: str) -> str:
        """The address of a path."""
        return f"http://{host}:{self.port}{path}"

    def put(self, host: str, path: str, answer: Answer) -> str:
        """Answer so at a path from now on; returns its address."""
        self._answers[host, path] = answer
        return self.url(host, path)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        place = request.url.host or "", request.path
        self.asked[place] = self.asked.get(place, 0) + 1
        answer = self._answers.get(place)
        return await answer(request) if answer else web.Response(status=404)


@asynccontextmanager
async def serving(*hosts: str) -> AsyncIterator[Sites]:
    """Sites at these addresses of the loopback network, all at one port."""
    sites = Sites()
    application = web.Application()
    application.router.add_get("/{path:.*}", sites.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        for host in hosts:
            await web.TCPSite(runner, host, sites.port).start()
            sites.port = sites.port or runner.addresses[0][1]
        yield sites
    finally:
        await runner.cleanup()


def body(data: bytes, *, after: float = 0.0, etag: str | None = None) -> Answer:
    """A whole answer, some seconds late; 304 where the client has it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(after)
        headers = {"ETag": etag} if etag else {}
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=data, headers=headers, content_type="text/html")

    return answer


def drip(data: bytes) -> Answer:
    """An answer of one byte a second."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):  # the client has had enough
            for byte in data:
                await response.write(bytes([byte]))
                await asyncio.sleep(1)
        return response

    return answer


def moved(location: str) -> Answer:
    """A redirect."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": location})

    return answer
