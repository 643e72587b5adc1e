"""How a process ends: in order when it is told to, at once when it is told again.

A thread hears of signals from the system itself (``signal.set_wakeup_fd``): the main thread may be
blocked, in a loop that is stuck or a call that does not return, and would never look. The loop's
own ``add_signal_handler`` takes that channel for itself, and is not to be used beside this.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

ORDERLY_SECONDS = 25.0  # a supervisor gives half a minute
_GRACE_SECONDS = 3.0  # of those that are asked to end when there is no more time
_POLL_SECONDS = 0.05
# Whoever supervises may tell every process of a group what its parent tells it too.
_SAME_SECONDS = 0.5
_PROC = Path("/proc")  # of Linux
_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})

Pids = Callable[[], Iterable[int]]


class Told:
    """Judges signals by their time: ``seconds`` after the first, or with the second, it is over."""

    def __init__(self) -> None:
        self.first: tuple[int, float] | None = None
        self.seconds: float | None = None

    def again(self, number: int, now: float) -> bool:
        """Whether a signal is another one after the first."""
        if self.first is None:
            self.first = number, now
            return False
        return now - self.first[1] > _SAME_SECONDS

    def left(self, now: float) -> float | None:
        """Seconds until it is over without another one; None where there is no end."""
        if self.first is None or self.seconds is None:
            return None
        return max(0.0, self.first[1] + self.seconds - now)


class _Listener:
    """The one thread of a process that hears of signals."""

    def __init__(self) -> None:
        self.told = Told()
        self.on_first: Callable[[], object] = lambda: None
        self.companions: list[Pids] = []
        self._ears, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._listen, name="signals", daemon=True).start()

    def _listen(self) -> None:
        while True:
            for number in self._heard():
                if number not in _SIGNALS:
                    continue
                first = self.told.first is None
                if self.told.again(number, time.monotonic()):
                    self._end(number)
                if first:
                    with suppress(RuntimeError):  # the loop has ended already
                        self.on_first()

    def _heard(self) -> bytes:
        """The numbers of signals; ends the process when there is no more time for them."""
        while True:
            # Looked at anew at times: how much time there is may be said after the first signal.
            left = self.told.left(time.monotonic())
            if left == 0.0 and self.told.first is not None:
                _say(b"it takes too long to end in order: ending at once\n")
                self._end(self.told.first[0])
            self._ears.settimeout(min(1.0, left or 1.0))
            with suppress(TimeoutError):
                return self._ears.recv(64)

    def _end(self, number: int) -> NoReturn:
        end_at_once(128 + number, self.companions)


_listener: _Listener | None = None


def listen() -> None:
    """From now on, whatever the first signal does, the second ends this process and all that it
    started within five seconds, with 128 + its number. To be called in the main thread."""
    _listening()


def _listening() -> _Listener:
    global _listener  # noqa: PLW0603 (signals belong to the process)
    if _listener is None:
        _listener = _Listener()
    return _listener


def on_first_signal(stop: Callable[[], object], seconds: float = ORDERLY_SECONDS) -> None:
    """Let the first signal call ``stop``, in a thread, and nothing else. The process then has
    ``seconds`` to end."""
    listener = _listening()
    listener.on_first, listener.told.seconds = stop, seconds
    for number in ending_signals():
        signal.signal(number, _leave_it_to_the_listener)


def _leave_it_to_the_listener(*_: object) -> None:
    pass


def ending_signals() -> tuple[signal.Signals, ...]:
    """SIGHUP counts unless it is ignored: that is what nohup asks for."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM, *(() if ignored else (signal.SIGHUP,)))


@contextmanager
def takes_along(pids: Pids) -> Iterator[None]:
    """Within the context, an end at once is the end of these processes too, children or not."""
    companions = _listening().companions
    companions.append(pids)
    try:
        yield
    finally:
        companions.remove(pids)


def end_at_once(code: int, companions: Iterable[Pids] = ()) -> NoReturn:
    """End this process with ``code``, all that it started, and ``companions``, which are asked to
    first: all within seconds."""
    try:
        _kill_descendants()
        _stop(_asked(companions))
        _kill_descendants()
        if os.isatty(2):
            _say(b"\x1b[?25h")  # a progress bar may have hidden the cursor
    finally:
        os._exit(code)


def _asked(companions: Iterable[Pids]) -> list[int]:
    """All of them, as far as they can be told within a second."""
    found: list[int] = []

    def ask() -> None:
        for pids in list(companions):
            found.extend(pids())

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(1.0)
    return found


def _stop(pids: Iterable[int]) -> None:
    left = [pid for pid in pids if _signalled(pid, signal.SIGTERM)]
    deadline = time.monotonic() + _GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        left = [pid for pid in left if _signalled(pid, 0)]
    for pid in left:
        _signalled(pid, signal.SIGKILL)


def _signalled(pid: int, number: int) -> bool:
    with suppress(OSError):
        os.kill(pid, number)
        return True
    return False


def _kill_descendants() -> None:
    """With their groups: what a process starts in this moment, or has left to itself, ends too."""
    ours = os.getpgrp()
    for pid in descendants(os.getpid()):
        with suppress(OSError):
            group = os.getpgid(pid)
            os.kill(pid, signal.SIGKILL)
            if group != ours:
                os.killpg(group, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """The processes that ``pid`` started, and theirs."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found[1:]


def _parents() -> Iterator[tuple[int, int]]:
    """Each process of the machine, and who started it."""
    if not _PROC.exists():
        listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, check=False)
        for line in listed.stdout.splitlines():
            child, parent = line.split()
            yield int(child), int(parent)
    for stat in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
            yield int(stat.parent.name), int(fields[1])


def _say(line: bytes) -> None:
    """Straight to stderr: its buffer may be in use by what the signal interrupts."""
    with suppress(OSError):  # nobody is there any more to be told
        os.write(2, line)
