"""Runs a Faust app in this process until a signal, a crash or the death of the parent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol, TypeVar

from pipeline.agents.watchdog import watched_loop
from pipeline.disk import full_disk
from pipeline.ending import on_first_signal
from pipeline.telemetry.loop import measured_loop

T = TypeVar("T")

logger = logging.getLogger(__name__)

_START_GRACE_SECONDS = 5.0
_FINISH_SECONDS = 10.0
EXIT_CRASHED = 70  # EX_SOFTWARE of sysexits.h


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of ``work``; None when ``stop`` was set first, and ``work`` is then cancelled."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


class Companion(Protocol):
    """Work that goes on beside the apps of a process."""

    async def run(self) -> None:
        """Work until cancelled, or until something goes wrong."""

    async def finish(self, seconds: float) -> None:
        """Return when nothing is left to do for now, at the latest after so long."""


@asynccontextmanager
async def beside(companion: Companion, stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
    """Have ``companion`` work for as long as the context lasts.

    Yields what to stop the apps by: set once ``stop`` is and the companion has finished, so that
    it keeps the apps' partitions until then; or when it failed. Then its error is raised at the
    end of the context.
    """
    ended = asyncio.Event()

    async def see_to_the_end() -> None:
        await stop.wait()
        await companion.finish(_FINISH_SECONDS)
        ended.set()

    working = asyncio.ensure_future(companion.run())
    working.add_done_callback(lambda _: ended.set())
    ending = asyncio.ensure_future(see_to_the_end())
    try:
        yield ended
    finally:
        failed = working.done()
        for task in (working, ending):
            task.cancel()
        await asyncio.gather(working, ending, return_exceptions=True)
        if failed:
            working.result()


@asynccontextmanager
async def beside_all(
    companions: Sequence[Companion], stop: asyncio.Event
) -> AsyncIterator[asyncio.Event]:
    """:func:`beside` for several: apps are stopped once all have finished, or one has failed."""
    async with AsyncExitStack() as held:
        for companion in companions:
            stop = await held.enter_async_context(beside(companion, stop))
        yield stop


async def run_all(apps: Sequence[Any], stop: asyncio.Event) -> int:
    """:func:`run` several apps in one process. When one ends, however it does, all are stopped."""

    async def run_one(app: Any) -> int:
        try:
            return await run(app, stop)
        finally:
            stop.set()

    return max(await asyncio.gather(*(run_one(app) for app in apps)))


async def run(app: Any, stop: asyncio.Event) -> int:
    """Run ``app`` until ``stop`` is set or it crashes; return the exit code for the process.

    What was not acknowledged is read again by the next worker of the group.
    """
    app.in_worker = True
    # A start that is cut short leaves half of Faust's threads behind; it takes about a second,
    # or, while Kafka is gone, for ever.
    if not await _settled(asyncio.ensure_future(app.start()), stop):
        return 0
    await unless_stopped(stop, app.wait_until_stopped())
    if app.crashed:
        problem = full_disk(app.crash_reason)
        logger.error("the agent crashed: %s", problem or repr(app.crash_reason))
        # Stopping a crashed app can wait for ever for acknowledgements that will not come.
        return EXIT_CRASHED
    await app.stop()
    return 0


async def _settled(starting: asyncio.Future[Any], stop: asyncio.Event) -> bool:
    """Whether the start came to its end; once ``stop`` is set it has a few seconds more."""
    stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait({starting}, timeout=_START_GRACE_SECONDS)
    for task in (starting, stopping):
        if not task.done():
            task.cancel()
    if starting.cancelled() or not starting.done():
        return False
    starting.result()
    return True


@asynccontextmanager
async def told_to_stop(stall_seconds: float) -> AsyncIterator[asyncio.Event]:
    """What every process that goes on until it is told to end does its work in.

    Yields the event that the first signal sets; a second signal ends the process, and so does an
    event loop that is blocked for ``stall_seconds``.
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with watched_loop(stall_seconds), measured_loop():
        yield stop


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let the first signal set ``stop``, and a second end the process; call it in the running
    loop."""
    loop = asyncio.get_running_loop()
    on_first_signal(lambda: loop.call_soon_threadsafe(stop.set))
