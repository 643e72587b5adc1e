"""Who may ask for what: API keys with scopes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pipeline.settings import ApiKey, Scope
from pipeline.web.problems import Problem

COOKIE = "key"
_KEY_BYTES = 32

bearer = HTTPBearer(auto_error=False, description="An API key. None is needed where none is set.")


def new_key() -> tuple[str, str]:
    """A key, and its SHA-256 as it stands in the settings."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    return key, hashed(key)


def hashed(key: str) -> str:
    """What the settings keep of a key: enough to know it again, not to use it. Keys are random and
    long, so a plain hash is no help to whoever reads it."""
    return hashlib.sha256(key.encode()).hexdigest()


class Keys:
    """The keys of the settings. Without any, whoever reaches the server may do everything."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._keys = keys

    def holder(self, key: str) -> ApiKey | None:
        """The entry of a key; every entry is compared, in the same time."""
        given = hashed(key)
        found = None
        for entry in self._keys:
            if hmac.compare_digest(entry.sha256.lower(), given):
                found = entry
        return found

    def knows(self, key: str | None) -> bool:
        """Whether somebody with this key may ask for anything at all."""
        return not self._keys or (key is not None and self.holder(key) is not None)

    def check(self, key: str | None, scope: Scope) -> str:
        """The name of whoever asks. Raises a Problem where the scope is not theirs."""
        if not self._keys:
            return "anyone"
        entry = self.holder(key) if key else None
        if entry is None:
            raise Problem(
                401,
                "Unauthorized",
                "send a key that this server knows as Authorization: Bearer KEY",
                {"WWW-Authenticate": "Bearer"},
            )
        if scope not in entry.scopes:
            raise Problem(403, "Forbidden", f"the key of {entry.name} lacks the scope {scope}")
        return entry.name

    def needed(self, scope: Scope, *, in_address: bool = False) -> Callable[..., str]:
        """A dependency of routes that need a scope. Without keys nothing is asked for, and nothing
        said of it in the description of the API. ``in_address``: ``?key=`` does as well, for
        readers of feeds, which send no headers of their own."""
        if not self._keys:
            return lambda: self.check(None, scope)

        def check(
            request: Request,
            credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
        ) -> str:
            key = credentials.credentials if credentials else request.cookies.get(COOKIE)
            if key is None and in_address:
                key = request.query_params.get("key")
            return self.check(key, scope)

        return check
