"""Child processes that are started again when they die, and none of which outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from pipeline.errors import ConfigurationError, MissingPrerequisite, PipelineError

PIPELINE = (sys.executable, "-m", "pipeline")

_STOP_SECONDS = 30.0
_LOG_BYTES = 10 * 1024 * 1024  # then a child that starts begins a new log; the last one is kept
_LAST_BYTES = 4096
_MAX_BACKOFF_SECONDS = 60.0
# A child that ran so long was healthy: its next death starts with the shortest backoff again.
_HEALTHY_SECONDS = 60.0

# Starting again does not help against wrong settings or a machine that lacks something.
_HOPELESS: dict[int, type[PipelineError]] = {
    kind.exit_code: kind for kind in (ConfigurationError, MissingPrerequisite)
}


class ChildSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One child: its name, the arguments of its program, and when it is done.

    A child with ``ends`` set is finished when it exits with 0; the others run until stopped.
    """

    name: str
    arguments: tuple[str, ...]
    ends: bool = False


def worker_spec(role: str) -> ChildSpec:
    """The worker process of a station."""
    return ChildSpec(name=role, arguments=("worker", role))


def backoff(first_seconds: float, quick_deaths: int) -> float:
    """How long to wait before the next start: doubled with each quick death, at most a minute."""
    return float(min(first_seconds * 2 ** min(quick_deaths, 16), _MAX_BACKOFF_SECONDS))


class Child:
    """A supervised process. ``poll`` does what is due; nothing happens between calls."""

    def __init__(
        self,
        spec: ChildSpec,
        *,
        log: Path | None,
        environment: Mapping[str, str],
        backoff_seconds: float,
        program: Sequence[str] = PIPELINE,
        most_quick_deaths: int | None = None,
    ) -> None:
        self.spec = spec
        self._most_quick_deaths = most_quick_deaths
        self._program = program
        self.restarts = 0
        self._log = log
        self._environment = {**os.environ, **environment}
        self._first_backoff = backoff_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._quick_deaths = 0
        self._start_at = 0.0

    @property
    def finished(self) -> bool:
        """Whether a child that ends has ended well."""
        process = self._process
        return self.spec.ends and process is not None and process.poll() == 0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def poll(self, now: float) -> None:
        """Start the process if it is not running and its backoff is over. ``now`` is monotonic.

        When it ended for a reason that starting again does not cure, the same error is raised here;
        PipelineError when it died soon after its start more than ``most_quick_deaths`` times in a
        row.
        """
        if self.pid is not None or self.finished:
            return
        if self._process is not None:
            self._bury(self._process, now)
        if now >= self._start_at:
            self._started_at = now
            self._process = self._spawn()

    def _bury(self, process: subprocess.Popen[bytes], now: float) -> None:
        if process.returncode in _HOPELESS:
            raise _HOPELESS[process.returncode](
                f"{self.spec.name} cannot run: {self._last_words()}"
            )
        lived = now - self._started_at
        self._quick_deaths = 0 if lived > _HEALTHY_SECONDS else self._quick_deaths + 1
        self._give_up_or_go_on()
        self._start_at = now + backoff(self._first_backoff, self._quick_deaths - 1)
        self.restarts += 1
        self._note(f"{self.spec.name} ended with {process.returncode}; starting it again")
        _close_input(process)
        self._process = None

    def _give_up_or_go_on(self) -> None:
        most = self._most_quick_deaths
        if most is not None and self._quick_deaths > most:
            raise PipelineError(f"{self.spec.name} keeps dying: {self._last_words()}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C reaches this process only, which then stops its children
        in order. The pipe to its standard input tells the child when this process is gone."""
        with self._output() as output:
            return subprocess.Popen(
                [*self._program, *self.spec.arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,
            )

    def _output(self) -> IO[Any]:
        if self._log is None:
            return os.fdopen(os.dup(sys.stderr.fileno()), "wb")
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        return self._log.open("ab")

    def _note(self, line: str) -> None:
        # What cannot be noted, as on a full disk, must not end whoever starts processes again.
        with suppress(OSError), self._output() as output:
            output.write(f"{line}\n".encode())

    def _last_words(self) -> str:
        if self._log is None:
            return "its error stands above"
        with self._log.open("rb") as log:
            log.seek(max(0, self._log.stat().st_size - _LAST_BYTES))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} (more in {self._log})"

    def terminate(self) -> None:
        """Ask it to stop."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, seconds: float = _STOP_SECONDS) -> None:
        """Wait for its end; kill it when that takes too long."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            # The whole session: the model's processes must not outlive a worker that hangs.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        _close_input(self._process)


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


def stop_all(children: Sequence[Child]) -> None:
    """Stop all, at once; each gets half a minute to finish what it has in hand."""
    for child in children:
        child.terminate()
    for child in children:
        child.wait()


def follow_parent() -> None:
    """In a child: end as on SIGTERM when the parent is gone, however it went."""

    def wait_for_end_of_input() -> None:
        # Not sys.stdin: a daemon thread that holds its lock aborts the interpreter at exit.
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_end_of_input, name="follow-parent", daemon=True).start()
