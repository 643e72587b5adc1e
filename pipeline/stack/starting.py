"""Start servers side by side and wait until they can serve; say why one does not."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.disk import NO_SPACE, is_full, told
from pipeline.errors import MissingPrerequisite, PipelineError, ServiceUnavailable
from pipeline.stack import processes
from pipeline.stack.locks import Report
from pipeline.stack.server import Launch, Server

_POLL_SECONDS = 0.1
_REPORT_SECONDS = 10.0
_PATIENCE_SECONDS = 10.0
_LINE_CHARS = 300
_TROUBLE = re.compile(r"\b(ERROR|FATAL|[\w.]*(Exception|Error)):?\b")
_NO_MACHINE = "Error occurred during initialization of VM"
_STACK_FRAME = re.compile(r"\s+(at|\.\.\.) ")


@dataclass(frozen=True)
class Files:
    """Where a server's process is remembered and where it writes."""

    pid: Path
    log: Path
    output: Path


Start = tuple[Server, Launch, Files]


def start_all(starts: Sequence[Start], timeout_seconds: float, report: Report) -> None:
    """Start every server, then wait until each is ready.

    Raises ServiceUnavailable when one ends or is not ready in time, MissingPrerequisite where its
    disk is full; the caller stops the others.
    """
    began = time.monotonic()
    # Elasticsearch takes longest: it starts while Kafka's folder is being formatted.
    for server, launch, files in reversed(starts):
        report(f"starting {server.name} {server.version}")
        _start(server, launch, files)
    waiting, next_report = list(starts), began + _REPORT_SECONDS
    while waiting:
        now = time.monotonic()
        for start in [start for start in waiting if _is_ready(start, now - began, timeout_seconds)]:
            waiting.remove(start)
            report(
                f"{start[0].name} is ready on 127.0.0.1:{start[0].ports[0]} ({now - began:.1f} s)"
            )
        if waiting and now > next_report:
            names = " and ".join(server.name for server, _, _ in waiting)
            report(f"waiting for {names} ({now - began:.0f} s)")
            next_report = now + _REPORT_SECONDS
        time.sleep(_POLL_SECONDS if waiting else 0)


def _start(server: Server, launch: Launch, files: Files) -> None:
    server.data_dir.mkdir(parents=True, exist_ok=True)
    files.log.parent.mkdir(parents=True, exist_ok=True)
    # The last words of a server that fails must be those of this start; those of a crash are kept.
    if files.log.exists():
        files.log.replace(files.log.with_suffix(".previous.log"))
    server.prepare(launch)
    pid = processes.start(server.command(launch), directory=server.data_dir, output=files.output)
    process = processes.identify(pid)
    if process is None:
        raise _failure(server, files, "ended at once")
    processes.remember(process, files.pid)


def _is_ready(start: Start, seconds: float, timeout_seconds: float) -> bool:
    server, _, files = start
    if processes.recall(files.pid) is None:
        raise _failure(server, files, "ended while it started")
    if seconds > timeout_seconds:
        raise _failure(server, files, f"was not ready within {timeout_seconds:.0f} s")
    return server.ready()


def _failure(server: Server, files: Files, what: str) -> PipelineError:
    text = "\n".join(
        path.read_text(errors="replace") for path in (files.output, files.log) if path.exists()
    )
    if NO_SPACE in text or is_full(server.data_dir):
        return MissingPrerequisite(f"{server.name} {what}: {told(str(server.data_dir))}")
    log = files.log if files.log.exists() else files.output
    return ServiceUnavailable(f"{server.name} {what}: {last_words(text)}; see {log}")


def last_words(log: str) -> str:
    """The line that tells most about an end: the last that names trouble, else the last at all."""
    lines = [
        line.strip() for line in log.splitlines() if line.strip() and not _STACK_FRAME.match(line)
    ]
    troubles = [number for number, line in enumerate(lines) if _TROUBLE.search(line)]
    if not troubles:
        return (lines or ["it printed nothing"])[-1][:_LINE_CHARS]
    # The virtual machine gives its reason on the line after.
    end = troubles[-1] + (2 if lines[troubles[-1]] == _NO_MACHINE else 1)
    return ": ".join(lines[troubles[-1] : end])[:_LINE_CHARS]


def answers_soon(server: Server, patience_seconds: float = _PATIENCE_SECONDS) -> bool:
    """Whether a server whose process lives answers, given a moment to come round."""
    deadline = time.monotonic() + patience_seconds
    while not server.answers():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
