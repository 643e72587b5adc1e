"""The security that the local Elasticsearch has not: TLS, and a look at who asks."""

from __future__ import annotations

import ssl

from aiohttp import web

from tests.certificates import Identity
from tests.fakes.faulty_proxy import PRODUCT, FaultyProxy


def refusal(status: int) -> web.Response:
    """As Elasticsearch words it."""
    return web.json_response(
        {"error": {"type": "security_exception"}}, status=status, headers=PRODUCT
    )


class GuardedProxy(FaultyProxy):
    """Lets through what carries ``authorization`` as its header, and counts what does not.

    ``status`` is the answer to those: 401 as for a wrong key, or 403 as for a right that lacks; and
    ``guarded`` is the part of the paths that is watched.
    """

    def __init__(self, upstream: str, identity: Identity, *, authorization: str) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(identity.certificate, identity.key)
        super().__init__(upstream, tls=context)
        self.authorization = authorization
        self.status = 401
        self.guarded = ""
        self.denied = 0

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        known = request.headers.get("Authorization") == self.authorization
        if known or self.guarded not in request.path:
            return await super()._handle(request)
        self.denied += 1
        return refusal(self.status)
