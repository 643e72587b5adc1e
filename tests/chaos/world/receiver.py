"""The receiver of alerts: a webhook on loopback that fails now and then."""

from __future__ import annotations

import random
from collections import Counter

from aiohttp import web

_FAILING_SHARE = 0.1


class Receiver:
    """``taken`` counts, by alert id, what was answered with success. Nothing else is kept."""

    def __init__(self, seed: int, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.taken: Counter[str] = Counter()
        self.refused = 0
        self._port = port
        self._chance = random.Random(seed)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/hook", self._hook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def stop(self) -> None:
        """Let go of the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _hook(self, request: web.Request) -> web.Response:
        await request.read()
        if self._chance.random() < _FAILING_SHARE:
            self.refused += 1
            return web.Response(status=self._chance.choice((500, 503)))
        self.taken[request.headers["webhook-id"]] += 1
        return web.Response(status=204)
