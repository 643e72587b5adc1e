"""Whoever uses the servers last stops them, unless they are to be kept."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from pipeline.stack.use import in_use, keep, using

KILLED = (
    "import os, pathlib, sys; from pipeline.stack.use import using\n"
    "with using(pathlib.Path(sys.argv[1])) as line: line.mark(); os.kill(os.getpid(), 9)"
)


def test_the_line_that_started_them_leaves_them_to_another_and_that_one_is_the_last(
    tmp_path: Path,
) -> None:
    with using(tmp_path) as second:
        with using(tmp_path) as first:
            first.mark()
            assert not first.last()
        assert second.last()


def test_servers_that_nobody_started_for_a_line_are_kept(tmp_path: Path) -> None:
    with using(tmp_path) as line:
        assert not line.last()


def test_servers_that_are_asked_for_meanwhile_are_kept(tmp_path: Path) -> None:
    with using(tmp_path) as line:
        line.mark()
        keep(tmp_path)
        assert not line.last()


def test_what_a_killed_line_left_is_the_next_one_s_to_stop(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not in_use(tmp_path)
    with using(tmp_path) as line:
        assert line.last()


def test_use_is_seen_from_outside_as_long_as_it_lasts(tmp_path: Path) -> None:
    assert not in_use(tmp_path)
    with using(tmp_path):
        assert in_use(tmp_path)
    assert not in_use(tmp_path)
