"""All feeds as one server on loopback, in a process of its own: each feed has an address, as hosts
have, and one socket hears them all."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.attack.good import GoodFeed
from tests.attack.hostile import Asked, answer, attack_of

_GOOD, _HOSTILE = "127.65", "127.66"
_PER_BLOCK = 250
_REQUEST_SECONDS = 10.0


def good_feed(number: int, port: int) -> GoodFeed:
    """A feed of good will."""
    return GoodFeed(number, _site(_GOOD, number, port))


def hostile_site(number: int, port: int) -> str:
    """Where a hostile feed is."""
    return _site(_HOSTILE, number, port)


def _site(network: str, number: int, port: int) -> str:
    return f"http://{network}.{number // _PER_BLOCK}.{1 + number % _PER_BLOCK}:{port}"


@contextmanager
def serving(port: int, good: int) -> Iterator[None]:
    """The server listens until the end of the context; of ``good`` good feeds."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    server = context.Process(target=_serve, args=(port, good, ready), daemon=True)
    server.start()
    try:
        if not ready.wait(30):
            raise RuntimeError("the feeds' server does not come up")
        yield
    finally:
        server.terminate()
        server.join()


def _serve(port: int, good: int, ready: Any) -> None:
    asyncio.run(_listen(port, good, ready))


async def _listen(port: int, good: int, ready: Any) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            ConnectionError, TimeoutError, ValueError, asyncio.IncompleteReadError
        ):
            await _answer(reader, writer, port, good)
        writer.close()

    await asyncio.start_server(handle, "0.0.0.0", port, backlog=4096)  # all of 127.0.0.0/8
    ready.set()
    await asyncio.Event().wait()


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, good: int
) -> None:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _REQUEST_SECONDS)
    path = head.split(b" ", 2)[1].decode()
    host: str = writer.get_extra_info("sockname")[0]
    network, block, place = host.rsplit(".", 2)
    number = int(block) * _PER_BLOCK + int(place) - 1
    if network == _GOOD:
        writer.write(_good(good_feed(number, port), path, head))
        await writer.drain()
        return
    victim = good_feed(number % good, port)
    asked = Asked(
        number=number,
        path=path,
        site=f"http://{host}:{port}",
        victim=victim.url(victim.edition(time.time())),
        port=port,
    )
    await attack_of(number)(asked, writer)
    await writer.drain()


def _good(feed: GoodFeed, path: str, head: bytes) -> bytes:
    now = time.time()
    if path == "/feed.xml":
        etag = f'"{feed.edition(now)}"'
        if f"If-None-Match: {etag}".encode() in head:
            return answer(b"", "text/plain", f"ETag: {etag}", status="304 Not Modified")
        return answer(feed.document(now), "application/rss+xml", f"ETag: {etag}")
    if path.startswith("/news/"):
        return answer(feed.page(int(path.removeprefix("/news/"))), "text/html")
    return answer(b"", "text/plain", status="404 Not Found")
