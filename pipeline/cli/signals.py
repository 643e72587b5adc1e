"""Ctrl-C and SIGTERM: both mean an orderly end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM)


def terminate_like_interrupt() -> None:
    """Let SIGTERM raise KeyboardInterrupt, so that ``finally`` blocks run."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def stop_event() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of interrupting what is under way."""
    stop = threading.Event()

    def set_it(*_: Any) -> None:
        stop.set()

    before = {number: signal.signal(number, set_it) for number in _ENDING}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
