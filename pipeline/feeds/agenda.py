"""Which feed is due when: a heap, so that a hundred thousand of them cost no task each."""

from __future__ import annotations

from datetime import datetime
from heapq import heapify, heappop, heappush

_STALE_SHARE = 2  # rebuilt when more than this many entries a feed are out of date


class Agenda:
    """Times by feed; a feed has one at most."""

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, feed_id: object) -> bool:
        return feed_id in self._due

    def put(self, feed_id: str, due: datetime) -> None:
        """Set, or move, the time of a feed."""
        self._due[feed_id] = due
        heappush(self._heap, (due, feed_id))
        if len(self._heap) > _STALE_SHARE * len(self._due) + _STALE_SHARE:
            self._heap = [(time, feed) for feed, time in self._due.items()]
            heapify(self._heap)

    def bring_forward(self, feed_id: str, due: datetime) -> None:
        """Move the time of a feed that is there, unless it is earlier."""
        if due < self._due[feed_id]:
            self.put(feed_id, due)

    def discard(self, feed_id: str) -> None:
        """Forget a feed, if it is there."""
        self._due.pop(feed_id, None)

    def pop_due(self, now: datetime) -> str | None:
        """Take the feed that has been due the longest; None when none is."""
        first = self.next_due()
        if first is None or first > now:
            return None
        _, feed_id = heappop(self._heap)
        del self._due[feed_id]
        return feed_id

    def next_due(self) -> datetime | None:
        """When the next feed is due; None without any."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None
