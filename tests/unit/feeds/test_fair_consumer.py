"""Who is polled while others take long; the web and Kafka in memory."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.feeds.consumer import FeedConsumer
from pipeline.feeds.fetch import Fetched, NotModified
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import FeedState, FeedWork
from tests.fakes.feeds import MORNING, FakeFetcher, a_subscription, atom, atom_entry, html_page
from tests.fakes.kafka import FakeFeedShare
from tests.unit.feeds.test_consumer import Watch, consumer, following
from tests.unit.feeds.test_poll import Line


class HeldWeb(FakeFetcher):
    """Holds what it is asked for at some hosts until they are let go; ``held`` counts by host."""

    def __init__(self) -> None:
        super().__init__()
        self.held: Counter[str] = Counter()
        self.holds: dict[str, asyncio.Event] = {}

    async def fetch(self, url: str, **options: object) -> Fetched | NotModified:  # type: ignore[override]
        host = url.split("/")[2]
        if host in self.holds:
            self.held[host] += 1
            try:
                await self.holds[host].wait()
            finally:
                self.held[host] -= 1
        return await super().fetch(url, **options)  # type: ignore[arg-type]


@pytest.fixture
def line() -> Line:
    line = Line()
    line.web = HeldWeb()
    line.restart()
    return line


def feeds_of(line: Line, host: str, count: int) -> list[Subscription]:
    """Feeds of a host with one page each, at a host of pages."""
    feeds = []
    for number in range(count):
        url = f"https://{host}.example/{number}.xml"
        page = f"https://pages-{host}.example/{number}"
        line.web.serve(url, atom(atom_entry(1).replace("/news/1", page)))
        line.web.serve(page, html_page(title=f"{host} {number}"))
        feeds.append(a_subscription(id=f"{host}-{number}", url=url, poll_interval_seconds=3600))
    return feeds


def hold(line: Line, *hosts: str) -> HeldWeb:
    assert isinstance(line.web, HeldWeb)
    line.web.holds |= {f"{host}.example": asyncio.Event() for host in hosts}
    return line.web


async def test_a_host_that_holds_its_feeds_keeps_no_more_slots_than_its_share(line: Line) -> None:
    web, watch = hold(line, "slow"), Watch()
    slow, other = feeds_of(line, "slow", 50), feeds_of(line, "other", 20)
    both = consumer(line, *slow, *other, watch=watch, concurrency=4, per_host=2)
    async with following(both, FakeFeedShare(line.states).gives(0, 1)):
        await watch.until(20)
        assert set(watch.feeds) == {each.id for each in other}
        assert web.held["slow.example"] == 2
        web.holds["slow.example"].set()
        await watch.until(70)


async def test_a_feed_whose_pages_are_read_holds_no_slot(line: Line) -> None:
    hold(line, "pages-slow")
    watch = Watch()
    slow, other = feeds_of(line, "slow", 3), feeds_of(line, "other", 9)
    both = consumer(line, *slow, *other, watch=watch, concurrency=1, per_host=9)
    async with following(both, FakeFeedShare(line.states).gives(0, 1)):
        await watch.until(9)
    assert set(watch.feeds) == {each.id for each in other}


async def test_feeds_known_to_be_slow_share_half_of_the_slots_after_a_restart_too(
    line: Line,
) -> None:
    watch, many = Watch(), [f"slow{number}" for number in range(9)]
    web = hold(line, *many)
    slow = [feed for host in many for feed in feeds_of(line, host, 1)]
    for feed in slow:
        work = FeedWork(since=MORNING, seconds=40.0, is_slow=True)
        state = FeedState(feed_id=feed.id, url=feed.url, polled_at=MORNING, work=work)
        await line.states.save(state)
    other = feeds_of(line, "other", 9)
    both = consumer(line, *slow, *other, watch=watch, concurrency=4)
    async with following(both, FakeFeedShare(line.states).gives(0, 1)):
        await watch.until(9)
        assert sum(web.held.values()) == 2
    assert set(watch.feeds) == {each.id for each in other}


class RestlessWeb(FakeFetcher):
    """Answers after a few turns of the loop, by chance."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def fetch(self, url: str, **options: object) -> Fetched | NotModified:  # type: ignore[override]
        for _ in range(self._chance.randrange(9)):
            await asyncio.sleep(0)
        return await super().fetch(url, **options)  # type: ignore[arg-type]


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_polls_dropped_at_any_moment_leave_no_slot_and_no_place_behind(seed: int) -> None:
    """Partitions come and go, feeds are subscribed and unsubscribed, while polls are under way."""

    async def run() -> None:
        chance = random.Random(seed)
        line = Line()
        line.web = RestlessWeb(chance)
        line.restart()
        feeds = [feed for host in ("a", "b") for feed in feeds_of(line, host, 6)]
        line.clock.tick = timedelta(minutes=5)
        wanted = iter(lambda: [each for each in feeds if chance.random() < 0.7], None)
        one = consumer(
            line,
            *feeds,
            concurrency=2,
            per_host=1,
            reload=lambda: next(wanted) if chance.random() < 0.5 else None,
            reload_seconds=0.001,
        )
        share = FakeFeedShare(line.states)
        async with following(one, share):
            for _ in range(12):
                share.gives(*(each for each in (0, 1) if chance.random() < 0.7))
                for _ in range(chance.randrange(40)):
                    await asyncio.sleep(0)
        assert_idle(one)

    asyncio.run(run())


def assert_idle(consumer: FeedConsumer) -> None:
    slots, places = consumer._slots, consumer._places
    under_way = (slots._polls, slots._holding, slots._hosts, places._held, places._waiting)
    assert not any((consumer._polls, *under_way))
    assert (slots._free, slots._free_for_slow) == (2, 1)
    assert (places._free, places._free_for_slow) == (8, 4)
