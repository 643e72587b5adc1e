"""A small disk of its own for a server's data, so that it can be full: a tmpfs, where one may be
mounted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZE = "1g"
_BLOCK = 1_000_000


class Disk:
    """A mounted folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def filled(self, *, leaving: int) -> Iterator[None]:
        """Only ``leaving`` bytes are free until the end of the context."""
        ballast = self._folder / "ballast"
        try:
            _fill(ballast, leaving)
            yield
        finally:
            ballast.unlink()

    def unmount(self) -> None:
        """Its data is gone."""
        subprocess.run(["umount", "-l", str(self._folder)], check=False)


def _fill(ballast: Path, leaving: int) -> None:
    with ballast.open("wb", buffering=0) as file:
        while True:
            room = os.statvfs(ballast.parent)
            left = room.f_bavail * room.f_frsize - leaving
            if left < _BLOCK:
                return
            try:
                file.write(bytes(min(left, 16 * _BLOCK)))
            except OSError:  # it is full: others write to it as well
                return


def mounted(folder: Path) -> Disk | None:
    """A disk at ``folder``; None where it may not be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    return Disk(folder) if done.returncode == 0 else None
