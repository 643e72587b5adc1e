"""Finds a worker that has work and does none, and ends its process so that a new one starts.

An event loop can hang, and an aiokafka consumer that left its group never rejoins (aiokafka issue
1187): neither raises. The watchdog is a thread, so that a hung loop cannot hang it too.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from pipeline.errors import PipelineError
from pipeline.kafka.cluster import Lag

logger = logging.getLogger(__name__)

EXIT_STALLED = 75  # EX_TEMPFAIL of sysexits.h: try again
_CHECKS_PER_LIMIT = 6


class Watchdog:
    """Judges samples of lag: ``stalled`` is True once there was lag without progress for too long.

    Progress is a batch or a waited-out retry of this worker (:meth:`beat`), or a commit of anyone
    in the group: a worker without partitions is idle, not stalled.
    """

    def __init__(self, limit_seconds: float, now: float) -> None:
        self._limit = limit_seconds
        self.progress_at = now
        self._committed = -1

    def beat(self, now: float) -> None:
        """The worker did something, at monotonic time ``now``."""
        self.progress_at = now

    def stalled(self, lag: Lag | None, now: float) -> bool:
        """Whether to give up. ``lag`` is None while Kafka does not tell: an outage, no stall."""
        if lag is None or lag.behind == 0 or lag.committed != self._committed:
            self._committed = lag.committed if lag is not None else self._committed
            self.progress_at = now
        return now - self.progress_at > self._limit


def watch(watchdog: Watchdog, measure: Callable[[], Lag], limit_seconds: float) -> None:
    """Start the thread. When the worker stalls, the process ends with ``EXIT_STALLED``."""

    def check_for_ever() -> None:
        while not watchdog.stalled(_measured(measure), time.monotonic()):
            time.sleep(limit_seconds / _CHECKS_PER_LIMIT)
        logger.critical("no progress for %.0f s in spite of lag: this worker ends", limit_seconds)
        logging.shutdown()
        os._exit(EXIT_STALLED)

    threading.Thread(target=check_for_ever, name="watchdog", daemon=True).start()


def _measured(measure: Callable[[], Lag]) -> Lag | None:
    try:
        return measure()
    except PipelineError as error:
        logger.warning("the lag is not known: %s", error)
        return None
