"""Ctrl-C, SIGTERM and a terminal that is closed: all mean an orderly end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from pipeline.ending import ending_signals, listen

Handler = Callable[[int, FrameType | None], None]


def terminate_like_interrupt() -> None:
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt, so that ``finally`` blocks run. A second
    signal ends the process at once."""
    listen()
    for number in ending_signals():
        signal.signal(number, _without_terminal(signal.default_int_handler))


@contextmanager
def stop_event() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and SIGHUP set, instead of interrupting what is under way.

    A second one ends the process at once.
    """
    listen()
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in ending_signals()}

    def set_it(*_: object) -> None:
        if not stop.is_set():
            stop.set()
            _say(b"stopping; once more ends it at once\n")

    for number in before:
        signal.signal(number, _without_terminal(set_it))
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: bytes) -> None:
    """Straight to stderr: its buffer may be in use by what the signal interrupts."""
    with suppress(OSError):  # nobody is there any more to be told
        os.write(2, line)


def _without_terminal(handler: Handler) -> Handler:
    """``handler``, which after a hang-up no longer writes to the terminal that is gone: an error in
    the middle of stopping would leave the rest running."""
    terminals = [descriptor for descriptor in (1, 2) if os.isatty(descriptor)]

    def handle(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for descriptor in terminals:
                os.dup2(nowhere, descriptor)
            os.close(nowhere)
        handler(number, frame)

    return handle
