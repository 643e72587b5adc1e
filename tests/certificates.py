"""Certificates for the tests' own servers and clients: an authority, and what it signs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, in files: apart, and together as Java wants them."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs for whoever trusts ``file``. Everything is written under ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._folder = folder
        folder.mkdir(parents=True)
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def identity(self, name: str, *, key_password: str | None = None) -> Identity:
        """A certificate for the host (or user) ``name``; its key encrypted with a password."""
        signed = self._ca.issue_cert(name, common_name=name)
        chain = b"".join(part.bytes() for part in signed.cert_chain_pems)
        encryption: KeySerializationEncryption = (
            BestAvailableEncryption(key_password.encode()) if key_password else NoEncryption()
        )
        # Java reads keys in PKCS #8 only.
        key = load_pem_private_key(signed.private_key_pem.bytes(), None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, encryption
        )
        parts = {"certificate": chain, "key": key, "both": key + chain}
        files = {part: self._folder / f"{name}.{part}.pem" for part in parts}
        for part, file in files.items():
            file.write_bytes(parts[part])
        return Identity(**files)
