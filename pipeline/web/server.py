"""The web application behind a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from pipeline.errors import MissingPrerequisite
from pipeline.settings import ApiSettings
from pipeline.web.protocol import Doorkeeper, protocol

_CLOSE_SECONDS = 5  # for requests that are under way
_BACKLOG = 1_024
_HEAD_BYTES = 32_768


def listening_socket(settings: ApiSettings) -> socket.socket:
    """The socket to serve on. Raises MissingPrerequisite where the address cannot be had."""
    try:
        listening = socket.create_server((settings.host, settings.port), backlog=_BACKLOG)
    except OSError as error:
        raise MissingPrerequisite(
            f"cannot listen at {settings.listen} ({error.strerror});"
            " stop what does, or set [api] listen to another port"
        ) from error
    # What is accepted inherits it. asyncio sets it only for sockets that are told their protocol.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def serve(
    app: FastAPI, listening: socket.socket, stop: asyncio.Event, settings: ApiSettings
) -> None:
    """Serve until ``stop`` is set; streams end then, and what is under way has a few seconds."""
    doorkeeper = Doorkeeper(
        settings.connections, settings.connections_per_client, frozenset(settings.proxies)
    )
    config = uvicorn.Config(
        app,
        http=protocol(doorkeeper),
        ws="none",
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        h11_max_incomplete_event_size=_HEAD_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_CLOSE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        app.state.live.stop()
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process, which has handlers of its own."""
        yield
