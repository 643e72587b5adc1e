"""How a command ends: in order, also when nobody is there any more to be told."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Says "ready", waits for its end, and then has more to say before it can leave its mark.
SCRIPT = """
import pathlib, sys
from pipeline.cli.console import err
from pipeline.cli.signals import stop_event, terminate_like_interrupt
terminate_like_interrupt()
try:
    with stop_event() as stop:
        err.print("ready")
        stop.wait(20)
    err.print("stopping")
finally:
    pathlib.Path(sys.argv[1]).write_text("in order" if stop.is_set() else "not stopped")
"""


def started(mark: Path, stderr: int, *before: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*before, sys.executable, "-c", SCRIPT, str(mark)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_ends_in_order(tmp_path: Path, number: signal.Signals) -> None:
    mark = tmp_path / "mark"
    reader, writer = os.pipe()
    with started(mark, writer) as process:
        assert os.read(reader, 5) == b"ready"
        process.send_signal(number)
        assert process.wait(20) == 0
    os.close(reader)
    os.close(writer)
    assert mark.read_text() == "in order"


def test_a_terminal_that_is_closed_does_not_disturb_the_end(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    person, terminal = pty.openpty()
    with started(mark, terminal) as process:
        os.close(terminal)
        assert os.read(person, 5) == b"ready"
        os.close(person)
        process.send_signal(signal.SIGHUP)
        assert process.wait(20) == 0
    assert mark.read_text() == "in order"


def test_a_hang_up_that_is_to_be_ignored_is(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    reader, writer = os.pipe()
    with started(mark, writer, "nohup") as process:
        while b"ready" not in os.read(reader, 200):
            pass
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    os.close(reader)
    os.close(writer)


# The signal comes while the buffer of stderr is in use.
WITHIN_A_WRITE = """
import io, os, signal, sys
from pipeline.cli.console import err
from pipeline.cli.signals import stop_event

class Stderr(io.RawIOBase):
    def writable(self):
        return True
    def write(self, data):
        if not stop.is_set():
            os.kill(os.getpid(), signal.SIGINT)
        return os.write(2, data)

with stop_event() as stop:
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(Stderr()), line_buffering=True)
    err.print("busy")
assert stop.is_set()
"""


def test_a_signal_in_the_middle_of_a_message_ends_in_order_too() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHIN_A_WRITE],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stderr.splitlines() == ["stopping; once more ends it at once", "busy"]
