"""A server that answers as Kibana's import does, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TAKEN = {"success": True, "successCount": 3}


class FakeKibana:
    """Answers each request with ``status`` and ``answer``."""

    def __init__(self, status: int = 200, answer: Any = None) -> None:
        self.status = status
        self.answer = TAKEN if answer is None else answer
        self.url = ""
        self.path = ""
        self.headers: dict[str, str] = {}
        self.file_name = ""
        self.file = b""

    async def handle(self, request: web.Request) -> web.Response:
        self.path, self.headers = request.path_qs, dict(request.headers)
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.file_name, self.file = file.filename, file.file.read()
        if isinstance(self.answer, str):
            return web.Response(status=self.status, text=self.answer)
        return web.json_response(self.answer, status=self.status)


@asynccontextmanager
async def serving(kibana: FakeKibana) -> AsyncIterator[FakeKibana]:
    """Serve on loopback for the time of the context."""
    app = web.Application()
    app.router.add_post("/{path:.*}", kibana.handle)
    async with TestServer(app) as server:
        kibana.url = str(server.make_url("")).rstrip("/")
        yield kibana
