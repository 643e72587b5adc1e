"""Folders of data are their owner's alone."""

from __future__ import annotations

import stat
from pathlib import Path

from pipeline.folders import private


def test_a_folder_is_made_and_closed_to_others(tmp_path: Path) -> None:
    for _ in range(2):
        folder = private(tmp_path / "a" / "data")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        folder.chmod(0o755)
