"""Supervised processes: restarted when they die, given up when that cannot help, never orphaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigurationError, MissingPrerequisite, PipelineError
from pipeline.runner.children import Child, ChildSpec, backoff

PROJECT = Path(__file__).parents[3]
PROGRAM = """
import sys, time
from pipeline.runner.children import follow_parent
kind = sys.argv[1]
if kind == "follow":
    follow_parent()
if kind in ("follow", "sleep"):
    time.sleep(600)
print("last words", flush=True)
sys.exit(int(kind))
"""


def child(
    folder: Path, kind: str, *, ends: bool = False, most_quick_deaths: int | None = None
) -> Child:
    return Child(
        ChildSpec(name="probe", arguments=(kind,), ends=ends),
        log=folder / "probe.log",
        environment={"PYTHONPATH": str(PROJECT)},
        backoff_seconds=0.01,
        program=(sys.executable, "-c", PROGRAM),
        most_quick_deaths=most_quick_deaths,
    )


def poll_until(condition: Callable[[], object], probe: Child) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        probe.poll(time.monotonic())
        time.sleep(0.02)
    assert condition()


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    probe = child(tmp_path, "sleep")
    poll_until(lambda: probe.pid, probe)
    first = probe.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    poll_until(lambda: probe.pid not in {None, first}, probe)
    assert probe.restarts == 1
    probe.terminate()
    probe.wait()
    assert probe.pid is None


def test_a_child_that_ends_well_is_finished_and_not_started_again(tmp_path: Path) -> None:
    probe = child(tmp_path, "0", ends=True)
    poll_until(lambda: probe.finished, probe)
    probe.poll(time.monotonic() + 100)
    assert probe.restarts == 0
    probe.wait()


@pytest.mark.parametrize("kind", [ConfigurationError, MissingPrerequisite])
def test_what_no_restart_cures_is_the_same_error_here_with_the_last_words(
    tmp_path: Path, kind: type[PipelineError]
) -> None:
    probe = child(tmp_path, str(kind.exit_code))
    with pytest.raises(kind, match="last words"):
        poll_until(lambda: False, probe)
    probe.wait()


def test_a_child_that_keeps_dying_is_given_up_where_a_limit_is_set(tmp_path: Path) -> None:
    probe = child(tmp_path, "1", most_quick_deaths=2)
    with pytest.raises(PipelineError, match="keeps dying: last words"):
        poll_until(lambda: False, probe)
    assert probe.restarts == 2
    probe.wait()


def test_a_log_that_cannot_be_written_ends_nobody(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "probe.log").symlink_to(full)
    probe = child(tmp_path, "1")
    poll_until(lambda: probe.restarts == 2, probe)
    probe.wait()


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "probe.log").write_bytes(b"x" * (11 * 1024 * 1024))
    probe = child(tmp_path, "0", ends=True)
    poll_until(lambda: probe.finished, probe)
    assert (tmp_path / "probe.log").read_text() == "last words\n"
    assert (tmp_path / "probe.log.1").stat().st_size == 11 * 1024 * 1024
    probe.wait()


def test_a_child_ends_with_its_parent_however_that_went(tmp_path: Path) -> None:
    script = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from tests.unit.runner.test_children import child\n"
        "probe = child(Path(sys.argv[1]), 'follow'); probe.poll(0.0)\n"
        "time.sleep(1.0); print(probe.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        cwd=PROJECT,
        text=True,
        check=False,
    )
    orphan = int(parent.stdout)
    deadline = time.monotonic() + 10
    while _lives(orphan) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(orphan)


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0]
    except OSError:
        return False


@given(st.floats(0.1, 10), st.integers(0, 1000))
def test_the_backoff_grows_and_is_bounded(first: float, deaths: int) -> None:
    assert 0 < backoff(first, deaths) <= backoff(first, deaths + 1) <= 60
