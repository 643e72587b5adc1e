import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.stack import processes
from pipeline.stack.processes import Process

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("on", flush=True)
time.sleep(60)
"""


def start(tmp_path: Path, *command: str) -> Process:
    pid = processes.start(command, directory=tmp_path, output=tmp_path / "output")
    process = processes.identify(pid)
    assert process is not None
    return process


def test_a_process_is_found_again_by_its_file_until_it_ends(tmp_path: Path) -> None:
    process = start(tmp_path, "sleep", "60")
    processes.remember(process, tmp_path / "pid")
    assert processes.recall(tmp_path / "pid") == process
    assert processes.stop(process, patience_seconds=5) is False
    assert processes.recall(tmp_path / "pid") is None


def test_a_recycled_pid_is_no_match(tmp_path: Path) -> None:
    processes.remember(Process(os.getpid(), "another time"), tmp_path / "pid")
    assert processes.recall(tmp_path / "pid") is None


@pytest.mark.parametrize("content", ["", "12", "null", '{"pid": 1}', "\x00"])
def test_a_damaged_pid_file_is_no_process(tmp_path: Path, content: str) -> None:
    (tmp_path / "pid").write_text(content)
    assert processes.recall(tmp_path / "pid") is None


def test_a_zombie_is_no_process() -> None:
    with subprocess.Popen(["true"]) as child:
        while processes.identify(child.pid) is not None:
            time.sleep(0.01)
        assert child.returncode is None  # not reaped: the kernel still lists it


def test_what_is_started_is_in_a_session_of_its_own(tmp_path: Path) -> None:
    process = start(tmp_path, "sleep", "60")
    assert os.getsid(process.pid) != os.getsid(0)
    processes.stop(process, patience_seconds=5)


def test_output_is_caught_and_arguments_are_no_shell_text(tmp_path: Path) -> None:
    process = start(
        tmp_path,
        sys.executable,
        "-c",
        "import sys, time; print(sys.argv[1], flush=True); time.sleep(60)",
        "a b; $(date) 'c",
    )
    while not (tmp_path / "output").read_text():
        time.sleep(0.01)
    assert (tmp_path / "output").read_text() == "a b; $(date) 'c\n"
    processes.stop(process, patience_seconds=5)


def test_a_command_that_does_not_exist_leaves_its_reason(tmp_path: Path) -> None:
    pid = processes.start(["/no/such/program"], directory=tmp_path, output=tmp_path / "output")
    while processes.identify(pid) is not None:
        time.sleep(0.01)
    assert "/no/such/program" in (tmp_path / "output").read_text()


def test_a_process_that_ignores_the_request_is_killed_and_that_is_told(tmp_path: Path) -> None:
    process = start(tmp_path, sys.executable, "-c", STUBBORN)
    while not (tmp_path / "output").read_text():
        time.sleep(0.01)
    assert processes.stop(process, patience_seconds=0.3) is True
    assert not processes.alive(process)


def test_the_pid_file_is_written_whole(tmp_path: Path) -> None:
    processes.remember(Process(7, "then"), tmp_path / "pid")
    assert json.loads((tmp_path / "pid").read_text()) == {"pid": 7, "started": "then"}
    assert [path.name for path in tmp_path.iterdir()] == ["pid"]
