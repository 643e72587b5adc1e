"""Secrets of webhooks that stand on no topic: derived from one key of ours and a salt.

Many may read the topic of saved searches, and its backups. So it has the salt alone; who posts, and
who tells a new secret once, has the key: the setting ``alerts.webhook_key``, or without it a file
beside the data that nobody else may read. HMAC-SHA256 is the derivation (RFC 2104; with a key of
full length it is what HKDF's second step is, RFC 5869).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.alerts.searches import secret_of
from pipeline.errors import ConfigurationError
from pipeline.records.saved_search import DERIVED

KEY_FILE = "webhook-key"
_KEY_BYTES = 32
_SALT_BYTES = 24


class Made(NamedTuple):
    """A new secret: what is kept of it, and what is told once."""

    kept: str
    told: str


class WebhookKeys:
    """Derives from a key that is asked for when it is needed."""

    def __init__(self, master: Callable[[], bytes]) -> None:
        self._master = master

    def new(self) -> Made:
        """A secret that there was not before. Raises ConfigurationError without a key."""
        kept = DERIVED + secrets.token_urlsafe(_SALT_BYTES)
        return Made(kept, secret_of(self.key(kept)))

    def key(self, kept: str) -> bytes:
        """What signs, by what is kept of it. Raises ConfigurationError without a key."""
        salt = kept.removeprefix(DERIVED)
        return hmac.digest(self._master(), b"webhook:" + salt.encode(), hashlib.sha256)


def master_key(setting: str | None, folder: Path) -> bytes:
    """The key of the setting, else that of the file in ``folder``, which is made where there is
    none. Raises ConfigurationError where that cannot be."""
    if setting is not None:
        return hashlib.sha256(setting.encode()).digest()
    path = folder / KEY_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _write_new(path, secrets.token_bytes(_KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path}: {error.strerror}; set alerts.webhook_key, the same for all processes"
        ) from error
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(f"{path} is no key; restore it, or set alerts.webhook_key")
    return key


def _write_new(path: Path, key: bytes) -> None:
    """Whole or not at all: another process may read it at any moment."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(draft, path)  # fails where there is one
    finally:
        draft.unlink()
