"""The web application behind its real server, on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from pipeline.search.library import Library
from pipeline.web.app import build_web
from pipeline.web.server import listening_socket, serve
from tests.fakes.health import FakeHealth
from tests.fakes.records import NOW
from tests.integration.web.conftest import a_desk, api_settings, some_letters


@asynccontextmanager
async def served(library: Library, now: datetime = NOW, **changes: object) -> AsyncIterator[str]:
    """Its address, while it runs; ``changes`` are settings of the API."""
    settings = api_settings(**changes)
    app = build_web(library, FakeHealth(), a_desk(), some_letters, settings, lambda: now)
    listening, stop = listening_socket(settings), asyncio.Event()
    running = asyncio.create_task(serve(app, listening, stop, settings))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stop.set()
        await running
