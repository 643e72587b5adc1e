"""How long the event loop was blocked, and for how long that is told."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import REGISTRY

from pipeline.telemetry.loop import Longest, measured_loop


async def test_a_loop_that_is_blocked_is_seen() -> None:
    async with measured_loop():
        await asyncio.sleep(0.15)
        time.sleep(0.3)  # noqa: ASYNC251 (that is what is measured)
        await asyncio.sleep(0.15)
    value = REGISTRY.get_sample_value("news_event_loop_blocked_seconds")
    assert value is not None
    assert 0.15 < value < 5


def test_what_is_long_ago_is_not_told_any_more() -> None:
    longest = Longest(60)
    assert longest.note(0.5, 0) == 0.5
    assert longest.note(0.1, 59) == 0.5
    assert longest.note(0.2, 61) == 0.5
    assert longest.note(0.1, 119) == 0.5
    assert longest.note(0.1, 122) == 0.2
    assert longest.note(0.0, 200) == 0.1
