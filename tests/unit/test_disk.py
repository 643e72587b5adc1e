"""A full disk is told in one line, with an exit code that has others try again."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.disk import full_disk, is_full
from pipeline.feeds.shelf import Shelf
from tests.running import PROJECT

FULL = Path("/dev/full")


def full_device() -> OSError:
    if not FULL.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(OSError, match="No space left") as raised:
        FULL.write_bytes(b"x")
    return raised.value


def full_shelf() -> sqlite3.Error:
    with Shelf() as shelf:
        shelf._database.execute("PRAGMA max_page_count = 10")
        rows = ((str(number), bytes(1_000)) for number in range(10_000))
        with pytest.raises(sqlite3.OperationalError) as raised:
            shelf._database.executemany("INSERT INTO states VALUES (?, ?)", rows)
    return raised.value


def test_a_file_and_a_scratch_database_that_are_full_are_named() -> None:
    full_device()
    assert full_disk(OSError(28, "No space left on device", "/data/x")) == (
        "the disk of /data/x is full: make room there"
    )
    said = full_disk(full_shelf())
    assert said is not None
    assert said.startswith("the disk of /")


def test_what_wraps_it_is_looked_into() -> None:
    wrapped = RuntimeError("a poll")
    wrapped.__cause__ = ExceptionGroup("several", [ValueError("x"), full_device()])
    assert full_disk(wrapped) is not None


def test_other_errors_are_none() -> None:
    assert full_disk(OSError(13, "Permission denied", "/data/x")) is None
    assert full_disk(sqlite3.OperationalError("no such table")) is None
    assert full_disk(ValueError()) is None


@pytest.mark.parametrize("arguments", [("kibana", "export"), ("--help",)])
def test_output_onto_a_full_disk_is_one_line_and_no_traceback(arguments: tuple[str, ...]) -> None:
    full_device()
    with FULL.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (
        4,
        "error: the disk of the output is full: make room there\n",
    )


def test_a_disk_without_a_mebibyte_is_full(tmp_path: Path) -> None:
    assert is_full(tmp_path, lambda _: 1_000_000)
    assert not is_full(tmp_path, lambda _: 2_000_000)


SCRIPT = """
import errno, sys
from pipeline.cli import app
def feeds(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device", "/data/scratch")
app.app = feeds
app.main()
"""


def test_whatever_meets_a_full_disk_ends_with_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, cwd=PROJECT
    )
    assert done.returncode == 4
    assert done.stderr == "error: the disk of /data/scratch is full: make room there\n"
