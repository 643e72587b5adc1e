"""Processes that outlive whoever started them, recognised again by pid and start time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_POLL_SECONDS = 0.05
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Backgrounded by a shell that ends at once, the server belongs to init: the caller has no child to
# reap, and its own end, Ctrl-C included, does not reach a process in another session.
_DETACH = 'output=$1; shift; "$@" </dev/null >"$output" 2>&1 & echo $!'


@dataclass(frozen=True)
class Process:
    """A running process. ``started`` tells it from a later one with the same pid."""

    pid: int
    started: str


def identify(pid: int) -> Process | None:
    """The process with this pid, or None if there is none (a zombie is none)."""
    started = _started_linux(pid) if Path("/proc/self/stat").exists() else _started_elsewhere(pid)
    return Process(pid, started) if started else None


def _started_linux(pid: int) -> str | None:
    """Boot id and start in clock ticks; fields 3, 20 and 22 of proc(5), counted after the name.

    A killed process shows as a zombie while its last threads still hold its ports: not gone yet.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""
    state, threads, started = fields[0], int(fields[17]), fields[19]
    return None if state in "ZX" and threads <= 1 else f"{boot}:{started}"


def _started_elsewhere(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    state, _, started = answer.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def alive(process: Process) -> bool:
    """Whether this very process still runs."""
    return identify(process.pid) == process


def recall(pid_file: Path) -> Process | None:
    """The live process a pid file names; None without file, or if the process is gone."""
    try:
        process = Process(**json.loads(pid_file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return process if alive(process) else None


def remember(process: Process, pid_file: Path) -> None:
    """Write the pid file, whole or not at all."""
    partial = pid_file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(process)))
    partial.replace(pid_file)


def start(command: Sequence[str], *, directory: Path, output: Path) -> int:
    """Start ``command`` in a session of its own; return its pid.

    ``output`` is overwritten with what it prints. A command that cannot be executed gives a pid
    that is soon gone, and the reason in ``output``.
    """
    shell = ["sh", "-c", _DETACH, "sh", str(output), *command]
    answer = subprocess.run(
        shell, cwd=directory, stdout=subprocess.PIPE, check=True, start_new_session=True
    )
    return int(answer.stdout)


def stop(process: Process, *, patience_seconds: float) -> bool:
    """End a process: SIGTERM, then SIGKILL when patience is over. Whether it had to be killed."""
    if _signal_and_wait(process, signal.SIGTERM, patience_seconds):
        return False
    _signal_and_wait(process, signal.SIGKILL, patience_seconds)
    return True


def _signal_and_wait(process: Process, number: signal.Signals, seconds: float) -> bool:
    if alive(process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
    deadline = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
