"""Runs a Faust app in this process until a signal, a crash or the death of the parent."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import Any

logger = logging.getLogger(__name__)

EXIT_CRASHED = 70  # EX_SOFTWARE of sysexits.h


async def run(app: Any, stop: asyncio.Event) -> int:
    """Run ``app`` until ``stop`` is set or it crashes; return the exit code for the process.

    What was not acknowledged is read again by the next worker of the group.
    """
    app.in_worker = True
    await app.start()
    stopping = asyncio.ensure_future(stop.wait())
    ended = asyncio.ensure_future(app.wait_until_stopped())
    await asyncio.wait({stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
    crashed = app.crashed
    if crashed:
        logger.error("the agent crashed: %r", app.crash_reason)
        # Stopping a crashed app can wait for ever for acknowledgements that will not come.
        return EXIT_CRASHED
    await app.stop()
    await asyncio.gather(stopping, ended, return_exceptions=True)
    return 0


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT set ``stop``; call it in the running loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
