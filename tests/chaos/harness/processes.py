"""The processes of the line as in production: each a command of its own, started again when it
dies."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.errors import PipelineError
from pipeline.runner.children import Child, ChildSpec, stop_all
from pipeline.settings import Settings
from tests.running import children, descendants
from tests.stacks import as_environment

_TICK_SECONDS = 0.1
_COMMANDS = {
    "feeds-1": ("feeds", "--follow-parent"),
    "feeds-2": ("feeds", "--follow-parent"),
    "enrich": ("work", "enrich"),
    "index-1": ("work", "index"),
    "index-2": ("work", "index"),
    "alert": ("work", "alert"),
    "serve": ("serve", "--follow-parent"),
}
NAMES = tuple(_COMMANDS)


class Processes:
    """``with Processes(line, folder) as processes``: the named commands run until the end.

    ``hopeless`` are the processes that said that starting them again is of no use, with their last
    words.
    """

    def __init__(self, line: Settings, folder: Path, names: Iterable[str] = NAMES) -> None:
        self.hopeless: dict[str, str] = {}
        self._stop = threading.Event()
        self._held: set[str] = set()
        self._thread = threading.Thread(target=self._tend, name="supervisor", daemon=True)
        self._children = {
            name: Child(
                ChildSpec(name=name, arguments=_COMMANDS[name]),
                log=folder / "logs" / f"{name}.log",
                environment=as_environment(line),
                backoff_seconds=line.workers.restart_backoff_seconds,
            )
            for name in names
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        for name in self._children:
            # Nothing is asked of them any more: an orderly end would take seconds.
            self.kill_tree(name)
        stop_all(list(self._children.values()))

    def _tend(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            for name in self._children.keys() - self.hopeless.keys() - self._held:
                try:
                    self._children[name].poll(time.monotonic())
                except PipelineError as error:
                    self.hopeless[name] = str(error)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._children)

    @property
    def restarts(self) -> int:
        """How often one was started again."""
        return sum(each.restarts for each in self._children.values())

    def pid(self, name: str) -> int | None:
        """The command's process while it runs."""
        return self._children[name].pid

    def tree(self, name: str) -> list[int]:
        """The process of a command, and all that it started."""
        pid = self.pid(name)
        return [] if pid is None else [pid, *descendants(pid)]

    def _worker(self, name: str) -> int | None:
        """The process that does the work: of a supervisor its child."""
        pid = self.pid(name)
        if pid is None or _COMMANDS[name][0] != "work":
            return pid
        return next(iter(children(pid)), None)

    def kill(self, name: str) -> None:
        """SIGKILL for the process that does the work."""
        _signal([self._worker(name)], signal.SIGKILL)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Any signal for the process that does the work."""
        _signal([self._worker(name)], number)

    def kill_tree(self, name: str) -> None:
        """SIGKILL for a command and all that it started, at once."""
        _signal(self.tree(name), signal.SIGKILL)

    def restart(self, name: str) -> None:
        """SIGTERM; it is started again when it has ended."""
        _signal([self.pid(name)], signal.SIGTERM)

    def pause(self, name: str) -> None:
        """SIGSTOP for a command and all that it started."""
        _signal(self.tree(name), signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        _signal(self.tree(name), signal.SIGCONT)

    def hold(self, *names: str) -> None:
        """End commands in order, and have them stay ended until :meth:`release`."""
        self._held |= set(names)
        time.sleep(2 * _TICK_SECONDS)
        stop_all([self._children[name] for name in names])

    def release(self, *names: str) -> None:
        """Start them again."""
        self._held -= set(names)


def _signal(pids: Iterable[int | None], number: signal.Signals) -> None:
    for pid in pids:
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
