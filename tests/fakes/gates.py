"""Gates for tests, with a time of their own that passes only while they wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pipeline import settings
from pipeline.agents.gate import Clocks, Gate
from pipeline.records import Stage
from pipeline.settings import Settings
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW
from tests.stacks import updated


class Time:
    """Seconds since NOW. ``after_sleep`` is called after each wait."""

    def __init__(self, after_sleep: Callable[[], None] = lambda: None) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self._after_sleep = after_sleep

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept.append(seconds)
        self._after_sleep()

    def clocks(self) -> Clocks:
        return Clocks(
            lambda: NOW + timedelta(seconds=self.seconds), lambda: self.seconds, self.sleep
        )


def limited(**changes: Any) -> Settings:
    """Settings with some fields of ``[dead_letters]`` changed."""
    return updated(settings.load(), {"dead_letters": changes})


def a_gate(stage: Stage, publisher: FakePublisher, time: Time | None = None, **limits: Any) -> Gate:
    """A gate of that station, whose time passes while it waits."""
    return Gate(stage, limited(**limits), publisher, (time or Time()).clocks())
