"""Where alerts go, as real servers on loopback: one for webhooks, one for mail, each in a thread of
its own, so that a test may block."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import threading
import time
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

from aiohttp import web
from aiosmtpd.controller import Controller

from tests.stacks import free_ports

_TOLERANCE_SECONDS = 300


class Request(NamedTuple):
    """One request, and what was answered."""

    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver:
    """A receiver of webhooks: answers 204, or what is lined up, and keeps all requests."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: deque[int] = deque()
        self.headers: dict[str, str] = {}
        self.always: int | None = None
        self.seconds = 0.0
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = ""

    def taken(self) -> list[str]:
        """The ids of what was answered with success, in order, repetitions included."""
        return [each.id for each in self.requests if each.status // 100 == 2]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        return runner

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(self.seconds)
        status = self.always or (self.answers.popleft() if self.answers else 204)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Request(headers, body, status))
        return web.Response(status=status, headers=self.headers)


def is_signed(request: Request, secret: str) -> bool:
    """Whether a receiver would believe a request, as docs/alerts.md shows it."""
    timestamp = request.headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > _TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{request.id}.{timestamp}.".encode() + request.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [each.removeprefix("v1,") for each in request.headers["webhook-signature"].split()]
    return any(hmac.compare_digest(expected, each) for each in given)


class _Handler:
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self._inbox.answers:
            return self._inbox.answers.popleft()
        message = message_from_bytes(envelope.content, policy=policy.default)
        self._inbox.messages.append(cast("EmailMessage", message))
        self._inbox.recipients.append(envelope.rcpt_tos)
        return "250 OK"


class Inbox:
    """A mail server that keeps what it is given, unless ``answers`` are lined up."""

    def __init__(self, **options: Any) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: deque[str] = deque()
        (self.port,) = free_ports(1)
        self._controller = Controller(
            _Handler(self), hostname="127.0.0.1", port=self.port, **options
        )

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()
