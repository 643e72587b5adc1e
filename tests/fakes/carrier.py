"""Destinations in memory: a :class:`pipeline.alerts.channels.Carrier` that does as it is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque

from pipeline.alerts.plan import Attempt, Taken
from pipeline.records import Alert, Delivery, SavedSearch


class FakeCarrier:
    """Destinations take everything, unless ``answers`` or ``hangs`` says otherwise."""

    def __init__(self) -> None:
        self.tried: list[tuple[str, str]] = []  # alert id and target, in order
        self.most_at_once: dict[str, int] = defaultdict(int)
        self._under_way: dict[str, int] = defaultdict(int)
        self._answers: dict[str, deque[Attempt]] = defaultdict(deque)
        self._hanging: dict[str, asyncio.Event] = {}

    def answers(self, target: str, *attempts: Attempt) -> None:
        """What a destination answers next; then it takes everything again."""
        self._answers[target] += attempts

    def hangs(self, target: str) -> asyncio.Event:
        """A destination answers nothing until the event is set."""
        return self._hanging.setdefault(target, asyncio.Event())

    async def carry(self, delivery: Delivery, alert: Alert, search: SavedSearch) -> Attempt:
        target = delivery.target
        self.tried.append((alert.id, target))
        self._under_way[target] += 1
        self.most_at_once[target] = max(self.most_at_once[target], self._under_way[target])
        try:
            if target in self._hanging:
                await self._hanging[target].wait()
            waiting = self._answers[target]
            return waiting.popleft() if waiting else Taken()
        finally:
            self._under_way[target] -= 1
