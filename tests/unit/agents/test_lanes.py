"""Who goes first, and whose progress counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import pytest

from pipeline.agents.batch import RawMessage
from pipeline.agents.lanes import Lane, RightOfWay
from pipeline.kafka.cluster import Lag


def batch(topic: str) -> list[RawMessage]:
    return [RawMessage(topic=topic, partition=0, offset=0, key=None, value=None)]


class Handler:
    """Takes down what begins, and goes on when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go_on = asyncio.Event()

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        self.begun.append(batch[0].topic)
        await self.go_on.wait()


def begun(work: Awaitable[None]) -> asyncio.Future[None]:
    return asyncio.ensure_future(work)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_archives_wait_for_a_live_batch_and_then_have_their_turn() -> None:
    handler = Handler()
    way = RightOfWay()
    tasks = [begun(way.live(handler)(batch("live")))]
    await settle()
    tasks.append(begun(way.backfill(handler)(batch("archived"))))
    await settle()
    assert handler.begun == ["live"]
    handler.go_on.set()
    await asyncio.gather(*tasks)
    assert handler.begun == ["live", "archived"]


async def test_a_live_batch_waits_for_nobody() -> None:
    handler = Handler()
    way = RightOfWay()
    tasks = [begun(way.backfill(handler)(batch("archived")))]
    await settle()
    tasks.append(begun(way.live(handler)(batch("live"))))
    await settle()
    assert handler.begun == ["archived", "live"]
    handler.go_on.set()
    await asyncio.gather(*tasks)


async def test_a_live_batch_that_fails_gives_the_way_free() -> None:
    async def fail(_: Sequence[RawMessage]) -> None:
        raise RuntimeError("failed")

    way = RightOfWay()
    for lane in (way.live(fail), way.backfill(fail)):
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(lane(batch("any")), 5)


async def test_while_a_live_batch_only_waits_archives_have_their_turn() -> None:
    way, handler, mended = RightOfWay(), Handler(), asyncio.Event()

    async def held(_: Sequence[RawMessage]) -> None:
        with way.resting():
            await mended.wait()
        await handler(batch("live"))

    tasks = [begun(way.live(held)(batch("live")))]
    await settle()
    tasks.append(begun(way.backfill(handler)(batch("archived"))))
    await settle()
    assert handler.begun == ["archived"]
    mended.set()
    await settle()
    assert handler.begun == ["archived", "live"]
    tasks.append(begun(way.backfill(handler)(batch("archived"))))
    await settle()
    assert handler.begun == ["archived", "live"]
    handler.go_on.set()
    await asyncio.gather(*tasks)


async def test_a_lane_s_watchdog_hears_only_of_work_that_is_its_own() -> None:
    handler = Handler()
    working, idle = Lane(handler, 10.0, "a"), Lane(handler, 10.0, "b")
    task = asyncio.create_task(working(batch("live")))
    await settle()
    before = {lane: lane.watchdog.progress_at for lane in (working, idle)}
    await asyncio.sleep(0.01)
    for lane in (working, idle):
        lane.beat()
    assert working.watchdog.progress_at > before[working]
    assert idle.watchdog.progress_at == before[idle]
    assert idle.watchdog.stalled_at(Lag(behind=1, committed=0), before[idle] + 5) is False
    handler.go_on.set()
    await task
