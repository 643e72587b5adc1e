"""What works beside the apps of a worker, and how both end."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.agents.worker import beside


class Companion:
    """Has something left to do until it is told otherwise."""

    def __init__(self) -> None:
        self.begun = False
        self.cancelled = False
        self.finished = asyncio.Event()
        self.fails = asyncio.Event()

    async def run(self) -> None:
        self.begun = True
        try:
            await self.fails.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise RuntimeError("it failed")

    async def finish(self, seconds: float) -> None:
        await self.finished.wait()


async def test_the_apps_go_on_until_their_companion_has_finished() -> None:
    companion, stop = Companion(), asyncio.Event()
    async with beside(companion, stop) as ended:
        stop.set()
        await asyncio.sleep(0.01)
        assert companion.begun
        assert not ended.is_set()
        companion.finished.set()
        await asyncio.wait_for(ended.wait(), 5)
    assert companion.cancelled


async def work_until_it_fails(companion: Companion) -> None:
    async with beside(companion, asyncio.Event()) as ended:
        companion.fails.set()
        await asyncio.wait_for(ended.wait(), 5)


async def test_a_companion_that_fails_ends_the_worker() -> None:
    with pytest.raises(RuntimeError, match="it failed"):
        await work_until_it_fails(Companion())
