"""Finds a process that has work and does none, and ends it so that a new one starts.

An event loop can hang, and an aiokafka consumer that left its group never rejoins (aiokafka issue
1187): neither raises. What judges is a thread, so that a hung loop cannot hang it too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pipeline.errors import PipelineError
from pipeline.kafka.cluster import Lag

logger = logging.getLogger(__name__)

EXIT_STALLED = 75  # EX_TEMPFAIL of sysexits.h: try again
_CHECKS_PER_LIMIT = 6


class Pulse:
    """Judges beats: stalled is what is ``busy`` and has not beaten for ``limit_seconds``.

    A beat is progress, or a try at what an outage holds up. Times are monotonic seconds.
    """

    def __init__(
        self, limit_seconds: float, now: float, busy: Callable[[], bool] = lambda: True
    ) -> None:
        self._limit = limit_seconds
        self._busy = busy
        self._looked_at = now
        self.progress_at = now

    def beat(self, now: float) -> None:
        """There was progress."""
        self.progress_at = now

    def stalled(self, now: float) -> bool:
        """Whether to give up. To be asked several times within the limit: when that was not done,
        the whole process stood still, as on a machine that slept, and nothing is known yet."""
        if not self._busy() or now - self._looked_at > self._limit:
            self.progress_at = now
        self._looked_at = now
        return now - self.progress_at > self._limit


class Watchdog(Pulse):
    """Judges samples of lag too: no progress is a stall only while there is lag.

    Progress is a batch or a waited-out retry of this worker (:meth:`beat`), or a commit of anyone
    in the group: a worker without partitions is idle, not stalled. ``topic_id`` is that of the
    topic that is read.
    """

    def __init__(self, limit_seconds: float, now: float, topic_id: str) -> None:
        super().__init__(limit_seconds, now)
        self._committed = -1
        self.topic_id = topic_id

    def stalled_at(self, lag: Lag | None, now: float) -> bool:
        """Whether to give up. ``lag`` is None while Kafka does not tell: an outage, no stall."""
        if lag is None or lag.behind == 0 or lag.committed != self._committed:
            self._committed = lag.committed if lag is not None else self._committed
            self.beat(now)
        return self.stalled(now)

    def is_of_another(self, lag: Lag | None) -> bool:
        """Whether the topic was deleted and made again: a consumer of the one before stays where
        that one ended, and reads nothing of the new one."""
        return lag is not None and lag.topic_id not in ("", self.topic_id)


def watch(stalled: Callable[[float], bool], limit_seconds: float, what: str) -> None:
    """Ask ``stalled`` from a thread until it says so, and end the process: ``EXIT_STALLED``."""

    def check_for_ever() -> None:
        while not stalled(time.monotonic()):
            time.sleep(limit_seconds / _CHECKS_PER_LIMIT)
        _end(f"{what}, for {limit_seconds:.0f} s")

    threading.Thread(target=check_for_ever, name="watchdog", daemon=True).start()


def _end(why: str) -> None:
    logger.critical("%s: this process ends, to be started again", why)
    logging.shutdown()
    os._exit(EXIT_STALLED)


def watch_beats(
    limit_seconds: float, what: str, busy: Callable[[], bool] = lambda: True
) -> Callable[[], None]:
    """Watch from now on; returns the beat that must come again and again while there is work."""
    pulse = Pulse(limit_seconds, time.monotonic(), busy)
    watch(pulse.stalled, limit_seconds, what)
    return lambda: pulse.beat(time.monotonic())


def watch_lag(watchdog: Watchdog, measure: Callable[[], Lag], limit_seconds: float) -> None:
    """Watch what a worker reads, and that it is still the same topic; ``measure`` blocks."""

    def stalled(_: float) -> bool:
        lag = _measured(measure)
        if watchdog.is_of_another(lag):
            _end("the topic that is read was deleted and made again")
        return watchdog.stalled_at(lag, time.monotonic())

    watch(stalled, limit_seconds, "no progress in spite of lag")


def _measured(measure: Callable[[], Lag]) -> Lag | None:
    try:
        return measure()
    except PipelineError as error:
        logger.warning("the lag is not known: %s", error)
        return None


@asynccontextmanager
async def watched_loop(limit_seconds: float) -> AsyncIterator[None]:
    """Within the context, the running loop must give every task its turn within so long."""
    beating: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    beat = watch_beats(limit_seconds, "the event loop is blocked", lambda: not beating.done())

    async def beat_for_ever() -> None:
        while True:
            beat()
            await asyncio.sleep(limit_seconds / _CHECKS_PER_LIMIT)

    beating = asyncio.ensure_future(beat_for_ever())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])
