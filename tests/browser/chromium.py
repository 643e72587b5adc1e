"""Debian's Chromium: found, or installed where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_INSTALL_SECONDS = 600
# Within a container there is no sandbox for root to use.
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")


@cache
def find() -> tuple[str | None, str]:
    """The path of the program, else None and why there is none. Installs it when run as root."""
    if path := _path():
        return path, ""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None, "there is no Chromium: apt-get install chromium"
    try:
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", "chromium", "fonts-liberation")
    except (subprocess.SubprocessError, OSError) as error:
        return None, f"Chromium cannot be installed: {error}"
    return _path(), "Chromium was installed and is not there"


def _path() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _apt(*arguments: str) -> None:
    subprocess.run(
        ["apt-get", "-qq", *arguments],
        check=True,
        capture_output=True,
        timeout=_INSTALL_SECONDS,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )
