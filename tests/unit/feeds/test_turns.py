"""Slots taken in turn."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.turns import Name, Turns


class Room:
    """Feeds that hold slots until they are let go; ``order`` is who got one."""

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self.order: list[str] = []
        self.holding: Counter[str] = Counter()
        self._leave: dict[str, asyncio.Event] = {}

    async def enter(self, name: str, *, is_slow: bool = False, count: int = 1) -> None:
        """``count`` wishes of a feed, which wait or hold from now on."""
        for _ in range(count):
            task = asyncio.create_task(self._hold(Name(name, is_slow)))
            self._tasks.append(task)
        await self.settled()

    async def leave(self, name: str) -> None:
        """Give one slot of a feed back."""
        self._leave.setdefault(name, asyncio.Event()).set()
        await self.settled()

    async def settled(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def __aenter__(self) -> "Room":
        self._tasks: list[asyncio.Task[None]] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert_all_free(self.turns)

    async def _hold(self, feed: Name) -> None:
        async with self.turns.turn(feed):
            self.order.append(feed.key)
            self.holding[feed.key] += 1
            try:
                leave = self._leave.setdefault(feed.key, asyncio.Event())
                while not leave.is_set():
                    await leave.wait()
                leave.clear()
            finally:
                self.holding[feed.key] -= 1


def assert_all_free(turns: Turns) -> None:
    kept = {name: value for name, value in vars(turns).items() if isinstance(value, dict)}
    assert {name: value for name, value in kept.items() if value} == {}


async def test_a_single_wish_waits_for_one_turn_of_a_feed_with_five_hundred() -> None:
    async with Room(1) as room:
        await room.enter("busy", count=500)
        await room.enter("other")
        await room.leave("busy")
        assert room.order == ["busy", "other"]


async def test_a_free_slot_is_for_the_feed_that_holds_the_fewest() -> None:
    async with Room(3) as room:
        await room.enter("a", count=9)
        await room.enter("b", count=9)
        for _ in range(2):
            await room.leave("a")
        assert room.holding == {"a": 1, "b": 2}


async def test_slow_feeds_never_hold_more_than_half_of_the_slots() -> None:
    async with Room(4) as room:
        for number in range(9):
            await room.enter(f"slow-{number}", is_slow=True)
        await room.enter("quick")
        assert room.order == ["slow-0", "slow-1", "quick"]


async def test_a_slow_feed_gets_its_slot_where_there_is_but_one() -> None:
    async with Room(1) as room:
        await room.enter("slow", is_slow=True)
        assert room.order == ["slow"]


async def test_among_those_that_hold_none_the_one_that_used_fewer_seconds_is_next() -> None:
    turns, order = Turns(1), []

    async def work(name: str, seconds: float, count: int) -> None:
        async def once() -> None:
            async with turns.turn(Name(name)):
                order.append(name)
                await asyncio.sleep(seconds)

        await asyncio.gather(*(once() for _ in range(count)))

    await asyncio.gather(work("costly", 0.1, 3), work("cheap", 0.001, 20))
    assert order.index("costly", 1) > 10, "cheap turns pass while the costly one has its share"
    assert_all_free(turns)


async def test_what_is_urgent_comes_first() -> None:
    turns, order = Turns(1), []

    async def note(name: str) -> None:
        await asyncio.sleep(0)
        order.append(name)

    names = ["first", "second", "urgent"]
    await asyncio.gather(
        *(
            turns.run(Name(name), lambda name=name: note(name), urgent=name == "urgent")
            for name in names
        )
    )
    assert order == ["first", "urgent", "second"]


async def test_what_cannot_be_broken_off_keeps_its_slot_until_it_has_ended() -> None:
    turns, end = Turns(1), asyncio.Event()
    caller = asyncio.create_task(turns.run(Name("a"), end.wait))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    second = asyncio.create_task(turns.run(Name("b"), asyncio.Event().wait))
    await asyncio.sleep(0.01)
    assert turns._held == {"a": 1}
    end.set()
    await asyncio.sleep(0.01)
    assert turns._held == {"b": 1}
    second.cancel()


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcde"),
            st.booleans(),
            st.integers(0, 4),
            st.none() | st.integers(0, 4),
        ),
        max_size=40,
    ),
    st.integers(1, 4),
)
def test_whoever_is_cancelled_at_any_moment_leaves_no_slot_behind(
    wishes: list[tuple[str, bool, int, int | None]], at_once: int
) -> None:
    """Each wish: a feed, whether it is slow, how long it holds, and when it is cancelled."""

    async def run() -> None:
        turns, holding = Turns(at_once), 0

        async def hold(name: str, is_slow: bool, ticks: int) -> None:
            nonlocal holding
            async with turns.turn(Name(name, is_slow)):
                holding += 1
                assert holding <= at_once
                try:
                    for _ in range(ticks):
                        await asyncio.sleep(0)
                finally:
                    holding -= 1

        tasks = []
        cancels: dict[int, list[asyncio.Task[None]]] = {}
        for name, is_slow, ticks, cancelled_at in wishes:
            tasks.append(asyncio.create_task(hold(name, is_slow, ticks)))
            if cancelled_at is not None:
                cancels.setdefault(cancelled_at, []).append(tasks[-1])
        for tick in range(5):
            for task in cancels.get(tick, ()):
                task.cancel()
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        wrong = [each for each in ended if isinstance(each, Exception)]
        assert wrong == []
        assert_all_free(turns)
        assert turns._free == at_once
        assert turns._free_for_slow == max(1, at_once // 2)

    asyncio.run(run())
