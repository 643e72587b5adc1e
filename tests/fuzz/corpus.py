"""What once failed: kept as small as it can be made, under the name of its target."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
_TRIES = 400


def kept(target: str, folder: Path = FOLDER) -> list[bytes]:
    """The inputs of a target, in the order of their names."""
    return [file.read_bytes() for file in sorted((folder / target).glob("*")) if file.is_file()]


def keep(target: str, data: bytes, folder: Path = FOLDER) -> Path:
    """Write an input down; its name is made of its content."""
    file = folder / target / hashlib.sha256(data).hexdigest()[:16]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def minimised(data: bytes, fails: Callable[[bytes], bool], tries: int = _TRIES) -> bytes:
    """As little of ``data`` as still fails: pieces are taken out, ever smaller ones."""
    size = max(1, len(data) // 2)
    while tries > 0:
        at = 0
        while at < len(data) and tries > 0:
            shorter = data[:at] + data[at + size :]
            tries -= 1
            if fails(shorter):
                data = shorter
            else:
                at += size
        if size == 1:
            break
        size //= 2
    return data
