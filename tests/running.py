"""The command line as real processes, with the settings of a test's line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.settings import Settings
from pipeline.stack import control
from tests.stacks import as_environment

PROJECT = Path(__file__).parents[1]
_PIPELINE = (sys.executable, "-m", "pipeline")


def environment(line: Settings) -> dict[str, str]:
    """What a child process needs in order to work on ``line``."""
    return {**os.environ, **as_environment(line)}


def pipeline(
    line: Settings, *arguments: str, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; ``given`` is its standard input."""
    return subprocess.run(
        [*_PIPELINE, *arguments],
        env=environment(line),
        cwd=PROJECT,
        input=given,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def pipeline_json(line: Settings, *arguments: str) -> Any:
    """What a command that must succeed prints with --json."""
    done = pipeline(line, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def running(line: Settings, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs until the end of the context, and is then stopped as by Ctrl-C."""
    process = subprocess.Popen([*_PIPELINE, *arguments], env=environment(line), cwd=PROJECT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


def server_pid(line: Settings, name: str) -> int:
    """The process of a local server that runs."""
    pid = next(server.pid for server in control.status(line) if server.name == name)
    assert pid is not None
    return pid


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """The process does nothing within the context, and goes on after it."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def children(pid: int) -> list[int]:
    """The processes that ``pid`` started, in whichever of its threads, and that still run."""
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended meanwhile
            found += map(int, listed.read_text().split())
    return sorted(found)


def descendants(pid: int) -> list[int]:
    """``children``, and theirs."""
    return [each for child in children(pid) for each in (child, *descendants(child))]


def lives(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
