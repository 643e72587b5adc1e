"""Folders that are nobody else's business."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_OWNER_ALONE = 0o700


def private(folder: Path) -> Path:
    """``folder``, made where it is not there, which no other user of the machine can look into."""
    folder.mkdir(mode=_OWNER_ALONE, parents=True, exist_ok=True)
    with suppress(OSError):  # it is another's, who decides
        folder.chmod(_OWNER_ALONE)
    return folder
