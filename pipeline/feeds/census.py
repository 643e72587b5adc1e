"""How many of the feeds that are followed are in which health."""

from __future__ import annotations

from pipeline.feeds.status import Health
from pipeline.metrics import FEEDS


class Census:
    """Keeps the gauge in step, one feed at a time: to count them anew would mean to read the state
    of each from disk, a hundred thousand perhaps."""

    def __init__(self) -> None:
        self._health: dict[str, Health] = {}
        for health in Health:
            FEEDS.labels(health).set(0)

    def put(self, feed_id: str, health: Health) -> None:
        """The feed is followed, and is as ``health`` says."""
        self.discard(feed_id)
        self._health[feed_id] = health
        FEEDS.labels(health).inc()

    def discard(self, feed_id: str) -> None:
        """The feed is not followed, or not here."""
        health = self._health.pop(feed_id, None)
        if health is not None:
            FEEDS.labels(health).dec()
