"""What every FeedShare does; a fake and the real one pass the same tests.

A test class inherits from :class:`FeedShareContract` and gives the fixture ``group``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from pipeline.kafka.ports import FeedShare, FeedStates
from pipeline.records import FeedState
from tests.contract.feed_states import a_state

FEEDS = tuple(f"feed-{number}" for number in range(40))
LIMIT_SECONDS = 60.0


class Group(Protocol):
    """Consumers of one set of feeds, and the states they save."""

    states: FeedStates

    def join(self) -> FeedShare:
        """A consumer that takes part once its shares are listened to."""

    async def leave(self, member: FeedShare) -> None:
        """Have it gone once nobody listens to it any more."""


class Follower:
    """What a consumer has by the shares it was given."""

    def __init__(self, share: FeedShare) -> None:
        self.share = share
        self.partitions: frozenset[int] = frozenset()
        self.states: dict[str, FeedState] = {}
        self._changed = asyncio.Event()

    @property
    def feeds(self) -> set[str]:
        return {feed for feed in FEEDS if self.share.partition(feed) in self.partitions}

    async def listen(self) -> None:
        async for change in self.share.shares():
            self.partitions = change.partitions
            self.states |= change.states
            self._changed.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            while not true():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def member_of(group: Group) -> AsyncIterator[Follower]:
    follower = Follower(group.join())
    listening = asyncio.create_task(follower.listen())
    try:
        yield follower
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await group.leave(follower.share)


async def save_all(group: Group, etag: str) -> None:
    for feed in FEEDS:
        await group.states.save(a_state(feed, etag=etag))


class FeedShareContract:
    """The suite."""

    async def test_who_is_alone_has_all_feeds_and_their_latest_states(self, group: Group) -> None:
        await save_all(group, "old")
        await save_all(group, "new")
        async with member_of(group) as alone:
            await alone.until(lambda: len(alone.feeds) == len(FEEDS))
            assert {state.etag for state in alone.states.values()} == {"new"}
            assert alone.states.keys() == set(FEEDS)

    async def test_two_have_all_feeds_and_none_of_them_twice(self, group: Group) -> None:
        async with member_of(group) as one, member_of(group) as other:
            await other.until(lambda: 0 < len(other.feeds) < len(FEEDS))
            await one.until(lambda: one.feeds == set(FEEDS) - other.feeds)

    async def test_what_one_leaves_the_other_takes_up_with_what_was_saved_last(
        self, group: Group
    ) -> None:
        await save_all(group, "old")
        async with member_of(group) as stays:
            await stays.until(lambda: len(stays.feeds) == len(FEEDS))
            async with member_of(group) as leaves:
                await leaves.until(lambda: bool(leaves.feeds))
                await stays.until(lambda: stays.feeds == set(FEEDS) - leaves.feeds)
                moved = leaves.feeds
                for feed in moved:
                    await group.states.save(a_state(feed, etag="by the other"))
            await stays.until(lambda: len(stays.feeds) == len(FEEDS))
            assert {stays.states[feed].etag for feed in moved} == {"by the other"}
