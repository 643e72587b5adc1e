"""A TCP proxy on loopback that cuts, delays and throttles what passes, or answers HTTP itself."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter

import msgspec

_CHUNK = 65_536


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to connections: refused and cut (``down``), each piece late by so many seconds,
    bytes a second in each direction (0: as they come), or HTTP requests answered with ``status``
    without reaching anyone."""

    down: bool = False
    delay_seconds: float = 0.0
    bytes_per_second: int = 0
    status: int = 0


FAIR = Weather()


class Proxy:
    """Between ``port`` and ``upstream``, both on 127.0.0.1. A change of weather holds at once, for
    connections that are open as well."""

    def __init__(self, port: int, upstream: int) -> None:
        self.port = port
        self._upstream = upstream
        self._weather = FAIR
        self._writers: set[StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Let go of the port and of all connections."""
        if self._server is not None:
            self._server.close()
        self._abort()

    async def set(self, weather: Weather) -> None:
        """From now on."""
        before, self._weather = self._weather, weather
        if weather.down and self._server is not None:
            self._server.close()
            self._server = None
        elif not weather.down and self._server is None:
            await self.start()
        if weather.down or weather.status or before.status:
            self._abort()

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._writers.add(writer)
        # A client or server that goes away in the middle is what this is for.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if self._weather.status:
                await self._answer(reader, writer)
            else:
                await self._connect(reader, writer)
        self._writers.discard(writer)
        writer.close()

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        self._writers.add(far_writer)
        try:
            there = asyncio.create_task(self._pump(reader, far_writer))
            back = asyncio.create_task(self._pump(far_reader, writer))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for each in (there, back):
                each.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            self._writers.discard(far_writer)
            far_writer.close()

    async def _pump(self, reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            weather = self._weather
            await asyncio.sleep(weather.delay_seconds)
            if weather.bytes_per_second:
                await asyncio.sleep(len(data) / weather.bytes_per_second)
            writer.write(data)
            await writer.drain()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One HTTP/1.1 answer to each request, as the product itself would send it."""
        while status := self._weather.status:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(_content_length(head))
            body = b'{"error":{"type":"made_up_exception"},"status":%d}' % status
            writer.write(
                b"HTTP/1.1 %d Made Up\r\nX-Elastic-Product: Elasticsearch\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % (status, len(body))
                + body
            )
            await writer.drain()


def _content_length(head: bytes) -> int:
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    return 0
