"""What is asked of a request before anything of it is read: who it is from, how often, how much.

A framework reads a body before it looks at the key, and takes as much as is sent. So this stands
before it: nobody without a key has a body read, and nobody more than :data:`BODY_BYTES`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from math import ceil

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.web.keys import COOKIE, Keys
from pipeline.web.limits import Limits, client_of
from pipeline.web.problems import Problem

BODY_BYTES = 65_536
"""Of a request: a form, or a saved search; neither has a tenth of it."""
BODY_SECONDS = 20.0
_STREAM = "/statements/stream"
_FREE = ("/healthz", "/readyz", "/static/")
_SIGN_IN = "/sign-in"

Refuse = Callable[[Request, Problem], Response]


class Guard:
    """Refuses what is too much, by :class:`Limits`, ``streams`` of one client, and bodies. Plain
    ASGI: it does not hold back a stream."""

    def __init__(
        self, app: ASGIApp, keys: Keys, limits: Limits, streams: int, refuse: Refuse
    ) -> None:
        self._app = app
        self._keys = keys
        self._limits = limits
        self._most_streams = streams
        self._streams: Counter[str] = Counter()
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be, and refuse the rest."""
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        try:
            await self._pass(scope, receive, send)
        except Problem as problem:
            refusal = self._refuse(Request(scope), problem)
            await refusal(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = client_of(scope)
        if wait := self._limits.wait(client):
            raise Problem(
                429,
                "Too many requests",
                f"at most {self._limits.per_minute} a minute; go on in {ceil(wait)} s",
                {"Retry-After": str(ceil(wait)), "Connection": "close"},
            )
        body = await self._body(scope, receive)
        if not scope["path"].endswith(_STREAM):
            await self._app(scope, body, send)
            return
        if self._streams[client] >= self._most_streams:
            detail = f"at most {self._most_streams} streams at a time; close one"
            raise Problem(429, "Too many streams", detail, {"Retry-After": "60"})
        self._streams[client] += 1
        try:
            await self._app(scope, body, send)
        finally:
            self._streams[client] -= 1
            self._streams += Counter()  # without those that have none

    async def _body(self, scope: Scope, receive: Receive) -> Receive:
        """What gives the body, which is read whole. Raises Problem."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if length == "0" and "transfer-encoding" not in headers:
            return receive
        if not length.isascii() or not length.isdigit() or int(length[:12]) > BODY_BYTES:
            raise _too_large()
        if scope["path"] != _SIGN_IN and not self._keys.knows(_key_of(headers)):
            raise Problem(
                401,
                "Unauthorized",
                "send a key that this server knows as Authorization: Bearer KEY",
                {"WWW-Authenticate": "Bearer", "Connection": "close"},
            )
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(receive)
        except TimeoutError:
            detail = f"send the body within {BODY_SECONDS:g} s"
            raise Problem(408, "Too slow", detail, {"Connection": "close"}) from None
        return _given(body, receive)


async def _read(receive: Receive) -> bytes:
    read, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # it hung up
            break
        read += message.get("body", b"")
        if len(read) > BODY_BYTES:
            raise _too_large()
        more = message.get("more_body", False)
    return bytes(read)


def _given(body: bytes, receive: Receive) -> Receive:
    given = False

    async def whole() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return whole


def _too_large() -> Problem:
    detail = f"a body has at most {BODY_BYTES:,} bytes"
    return Problem(413, "Too large", detail, {"Connection": "close"})


def _key_of(headers: Headers) -> str | None:
    kind, _, key = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return key.strip()
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None
