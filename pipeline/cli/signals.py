"""Ctrl-C and SIGTERM: both mean an orderly end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.cli.console import err

_ENDING = (signal.SIGINT, signal.SIGTERM)


def terminate_like_interrupt() -> None:
    """Let SIGTERM raise KeyboardInterrupt, so that ``finally`` blocks run."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def stop_event() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of interrupting what is under way.

    A second one interrupts after all.
    """
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in _ENDING}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def set_it(*_: Any) -> None:
        err.print("stopping; once more ends it at once")
        restore()
        stop.set()

    for number in _ENDING:
        signal.signal(number, set_it)
    try:
        yield stop
    finally:
        restore()
