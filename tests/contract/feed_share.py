"""What every FeedShare does; a fake and the real one pass the same tests.

A test class inherits from :class:`FeedShareContract` and gives the fixture ``group``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence, Set
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from typing import Protocol

import pytest

from pipeline.errors import FeedLost
from pipeline.kafka.ports import FeedShare, FeedStates, Share, Stored, Unreadable
from pipeline.records import FeedState, SeenEntry
from tests.contract.feed_states import NOON, a_state

FEEDS = tuple(f"feed-{number}" for number in range(40))
LIMIT_SECONDS = 60.0

MANY = tuple(f"large-{number}" for number in range(400))
SEEN = {
    f"tag:courier.example,2026:{number}": SeenEntry(
        article_id="a" * 32, entry_sha256="b" * 64, first_seen_at=NOON
    )
    for number in range(700)
}


class Group(Protocol):
    """Consumers of one set of feeds, and the states they save."""

    states: FeedStates

    def join(self) -> FeedShare:
        """A consumer that takes part once its shares are listened to."""

    async def store(self, key: bytes, value: bytes) -> None:
        """Have this as what is stored of a feed."""

    async def leave(self, member: FeedShare) -> None:
        """Have it gone once nobody listens to it any more."""


class Follower:
    """What a consumer has by the shares it was given; ``bare`` are feeds with a state that were
    given without it."""

    def __init__(self, share: FeedShare, stored: Set[str] = frozenset()) -> None:
        self.share = share
        self.now: Share | None = None
        self.states: dict[str, Stored] = {}
        self.bare: set[str] = set()
        self._stored = stored
        self._changed = asyncio.Event()

    @property
    def feeds(self) -> set[str]:
        return self.of(FEEDS)

    def of(self, feeds: Iterable[str]) -> set[str]:
        """Those of the feeds that are this consumer's."""
        return {feed for feed in feeds if self.now is not None and self.now.owns(feed)}

    def etags(self, feeds: Iterable[str]) -> set[str | None]:
        """Those of the states that came with these feeds."""
        return {getattr(self.states.get(feed), "etag", None) for feed in feeds}

    async def save(self, state: FeedState) -> None:
        assert self.now is not None
        await self.now.writer.save(state)

    async def listen(self) -> None:
        async for change in self.share.shares():
            self.now = change
            self.states |= change.states
            self.bare |= self.of(self._stored) - self.states.keys()
            self._changed.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            while not true():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def member_of(group: Group, stored: Set[str] = frozenset()) -> AsyncIterator[Follower]:
    follower = Follower(group.join(), stored)
    listening = asyncio.create_task(follower.listen())
    try:
        yield follower
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await group.leave(follower.share)


def a_large_state(feed: str) -> FeedState:
    return a_state(feed, etag="large", seen=SEEN)


async def first_owner(members: Sequence[Follower], feed: str) -> Follower:
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            owners = [each for each in members if each.of([feed])]
            if owners:
                return owners[0]
            await asyncio.sleep(0.05)


async def stored(group: Group, feeds: Iterable[str]) -> list[Stored]:
    states = await group.states.load()
    return [states[feed] for feed in feeds]


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
            assert alone.etags(FEEDS) == {"new"}
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
                    await leaves.save(a_state(feed, etag="by the other", turn=1))
            await stays.until(lambda: len(stays.feeds) == len(FEEDS))
            assert stays.etags(moved) == {"by the other"}

    async def test_who_lost_a_feed_cannot_write_its_state_any_more(self, group: Group) -> None:
        await save_all(group, "old")
        async with member_of(group) as stays:
            await stays.until(lambda: len(stays.feeds) == len(FEEDS))
            async with member_of(group) as takes:
                await takes.until(lambda: bool(takes.feeds))
                await stays.until(lambda: stays.feeds == set(FEEDS) - takes.feeds)
                for feed in FEEDS:
                    with nullcontext() if feed in stays.feeds else pytest.raises(FeedLost):
                        await stays.save(a_state(feed, etag="kept"))
                kept, moved = stays.feeds, takes.feeds
        assert {getattr(each, "etag", None) for each in await stored(group, kept)} == {"kept"}
        assert {getattr(each, "etag", None) for each in await stored(group, moved)} == {"old"}

    async def test_of_two_states_that_of_the_later_turn_holds(self, group: Group) -> None:
        await group.states.save(a_state("feed-1", etag="by the new owner", turn=2))
        await group.states.save(a_state("feed-1", etag="by one that had it before", turn=1))
        async with member_of(group) as alone:
            await alone.until(lambda: len(alone.feeds) == len(FEEDS))
            assert alone.etags(["feed-1"]) == {"by the new owner"}

    async def test_a_feed_is_given_with_its_state_or_not_at_all(self, group: Group) -> None:
        """More states than any poll, fetch or batch brings, shared out anew while they are read."""
        await asyncio.gather(*(group.states.save(a_large_state(feed)) for feed in MANY))
        many = frozenset(MANY)
        async with AsyncExitStack() as held:
            members: list[Follower] = []
            for _ in range(3):
                members.append(await held.enter_async_context(member_of(group, many)))
                await asyncio.sleep(0.5)
            for feed in MANY:
                await first_owner(members, feed)
            assert set[str]().union(*(each.bare for each in members)) == set()

    async def test_a_state_that_is_unreadable_is_given_as_that(self, group: Group) -> None:
        await group.store(b"feed-1", b'{"feed_id": 7}')
        async with member_of(group) as alone:
            await alone.until(lambda: len(alone.feeds) == len(FEEDS))
            unreadable = alone.states["feed-1"]
        assert isinstance(unreadable, Unreadable)
        assert unreadable.value == b'{"feed_id": 7}'
