"""The loop around the polls, with the web, Kafka and the clock in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from pipeline.errors import ConfigurationError, Rejected, ServiceUnavailable
from pipeline.feeds.consumer import FeedConsumer
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.poll import PollOutcome
from pipeline.feeds.shelf import Shelf
from pipeline.feeds.subscriptions import Subscription
from pipeline.feeds.websub import KNOCK_REST
from pipeline.metrics import FEEDS
from pipeline.records import FeedState, Reason
from tests.fakes.feeds import (
    BODY,
    FEED_URL,
    DirectParsers,
    a_subscription,
    atom,
    atom_entry,
    html_page,
)
from tests.fakes.kafka import FakeFeedShare, FakeFeedStates, FakePublisher
from tests.unit.feeds.test_poll import Line


@pytest.fixture
def line() -> Line:
    line = Line()
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    return line


class Watch:
    """Hears of polls, and lets a test wait for some of them."""

    def __init__(self) -> None:
        self.polls: list[PollOutcome] = []
        self._heard = asyncio.Event()

    def __call__(self, outcome: PollOutcome) -> None:
        self.polls.append(outcome)
        self._heard.set()

    @property
    def feeds(self) -> list[str]:
        return [poll.feed_id for poll in self.polls]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.polls) < count:
                self._heard.clear()
                await self._heard.wait()


def consumer(
    line: Line, *subscriptions: Subscription, watch: Watch | None = None, **changes: object
) -> FeedConsumer:
    shelf = Shelf()
    arguments = {"concurrency": 4, "per_host": 4, "on_poll": watch or Watch()} | changes
    return FeedConsumer(
        subscriptions or [a_subscription()],
        line.poller,
        shelf.states,
        line.latest,
        line.clock,
        **arguments,  # type: ignore[arg-type]
    )


@asynccontextmanager
async def following(consumer: FeedConsumer, share: FakeFeedShare) -> AsyncIterator[None]:
    task = asyncio.create_task(consumer.follow(share))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def several(line: Line, *names: str) -> list[Subscription]:
    subscriptions = [
        a_subscription(id=name, url=f"https://{name}.example/feed.xml", poll_interval_seconds=0.5)
        for name in names
    ]
    for each in subscriptions:
        line.web.serve(each.url, atom(atom_entry(1, content=f"{BODY}<p>{each.id}</p>")))
    return subscriptions


async def test_the_first_sighting_survives_a_restart(line: Line) -> None:
    await consumer(line).poll_once(line.states)
    line.clock.now += timedelta(days=40)
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY + "<p>Later.</p>")))
    line.restart()
    await consumer(line).poll_once(line.states)
    first, second = line.articles
    assert first.first_seen_at == second.first_seen_at < second.fetched_at


async def test_one_broken_feed_does_not_stop_the_others(line: Line) -> None:
    class Trap(DirectParsers):
        async def feed(self, data: bytes, *, url: str, content_type: str | None):  # type: ignore[no-untyped-def]
            if b"TRAP" in data:
                raise RuntimeError("a bug")
            return await super().feed(data, url=url, content_type=content_type)

    bad = a_subscription(id="bad", url="https://bad.example/feed.xml")
    line.web.serve(bad.url, b"<rss>TRAP</rss>")
    line.poller = line.new_poller(parsers=Trap())
    watch = Watch()
    await consumer(line, bad, a_subscription(), watch=watch).poll_once(line.states)
    assert {o.feed_id: o.outcome for o in watch.polls} == {"bad": "failed", "courier": "new"}
    assert len(line.articles) == 1


async def test_what_a_first_poll_passed_over_is_told_with_the_setting_that_says_so(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    old = (atom_entry(number, updated="2019-02-28T09:00:00Z") for number in (2, 3))
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY), *old))
    with caplog.at_level("INFO"):
        await consumer(line).poll_once(line.states)
    (told,) = (message for message in caplog.messages if "passed over" in message)
    assert told.startswith("feed courier: 2 entries")
    assert "feeds.first_poll_max_age_days" in told


async def test_the_consumer_waits_for_kafka_to_come_up(line: Line) -> None:
    class Late(FakeFeedStates):
        tries = 0

        async def load(self):  # type: ignore[no-untyped-def]
            self.tries += 1
            if self.tries == 1:
                raise ServiceUnavailable("not yet")
            return await super().load()

    await consumer(line).poll_once(Late())
    assert len(line.articles) == 1


async def test_a_feed_is_polled_again_whenever_it_is_due(line: Line) -> None:
    line.clock.tick = timedelta(seconds=1)
    watch = Watch()
    often = a_subscription(poll_interval_seconds=0.01)
    async with following(consumer(line, often, watch=watch), FakeFeedShare(line.states).gives(0)):
        await watch.until(3)
    assert [poll.outcome for poll in watch.polls[:3]] == ["new", "unchanged", "unchanged"]


async def test_a_feed_that_was_polled_a_moment_ago_waits_its_turn_and_is_counted(
    line: Line,
) -> None:
    await line.poll()
    asked, waiting = len(line.web.asked), REGISTRY.get_sample_value("news_feeds_not_due_total")
    async with following(consumer(line), FakeFeedShare(line.states).gives(0)):
        await asyncio.sleep(0.1)
    assert len(line.web.asked) == asked
    assert REGISTRY.get_sample_value("news_feeds_not_due_total") == (waiting or 0) + 1


async def test_stopping_ends_a_poll_that_waits_for_kafka(line: Line) -> None:
    started = asyncio.Event()

    class Hanging(FakePublisher):
        async def publish(self, messages: Sequence[object]) -> None:
            started.set()
            await asyncio.Event().wait()

    line.kafka = Hanging()
    line.restart()
    async with asyncio.timeout(5):
        async with following(consumer(line), FakeFeedShare(line.states).gives(0)):
            await started.wait()
    assert line.states.states == {}


async def test_a_refusal_by_the_broker_fails_the_poll_and_not_the_consumer(line: Line) -> None:
    line.kafka.raise_on_publish(Rejected(Reason.TOO_LARGE, "a limit of the broker's own"))
    watch = Watch()
    await consumer(line, watch=watch).poll_once(line.states)
    assert [outcome.outcome for outcome in watch.polls] == ["failed"]
    assert line.states.states == {}


async def test_a_kafka_that_does_not_let_us_in_ends_the_consumer_with_its_reason(
    line: Line,
) -> None:
    class Locked(FakeFeedStates):
        async def load(self) -> dict[str, FeedState]:
            raise ConfigurationError("check kafka.sasl_password")

    with pytest.raises(ConfigurationError, match="sasl_password"):
        await consumer(line).poll_once(Locked())
    share = FakeFeedShare(line.states).refuses(ConfigurationError("check kafka.sasl_password"))
    async with asyncio.timeout(10):
        with pytest.raises(ConfigurationError, match="sasl_password"):
            await consumer(line).follow(share)


async def test_a_lost_right_to_publish_ends_the_consumer_with_its_reason(line: Line) -> None:
    line.kafka.raise_on_publish(ConfigurationError("check kafka.sasl_username"))
    with pytest.raises(ConfigurationError, match="sasl_username"):
        await consumer(line).poll_once(line.states)
    assert line.states.states == {}


async def test_only_the_own_share_of_the_feeds_is_polled(line: Line) -> None:
    feeds = several(line, "feed0", "feed1", "other0")
    watch = Watch()
    async with following(consumer(line, *feeds, watch=watch), FakeFeedShare(line.states).gives(0)):
        await watch.until(2)
        await asyncio.sleep(0.05)
    assert sorted(watch.feeds) == ["feed0", "other0"]


async def test_feeds_that_fall_to_this_consumer_go_on_where_the_last_one_stopped(
    line: Line,
) -> None:
    (feed,) = several(line, "feed1")
    first = Watch()
    share = FakeFeedShare(line.states).gives(1)
    async with following(consumer(line, feed, watch=first), share):
        await first.until(1)
    line.clock.now += timedelta(days=1)
    line.restart()
    second = Watch()
    share = FakeFeedShare(line.states).gives(0)
    async with following(consumer(line, feed, watch=second), share):
        await asyncio.sleep(0.05)
        assert second.feeds == []
        share.gives(0, 1)
        await second.until(1)
    assert second.polls[0].outcome == "unchanged"


async def test_feeds_that_went_to_another_consumer_are_let_go(line: Line) -> None:
    line.clock.tick = timedelta(seconds=1)
    feeds = several(line, "feed0", "feed1")
    watch = Watch()
    share = FakeFeedShare(line.states).gives(0, 1)
    async with following(consumer(line, *feeds, watch=watch), share):
        await watch.until(4)
        share.gives(0)
        await asyncio.sleep(0.05)
        before = len(watch.polls)
        await watch.until(before + 3)
    assert set(watch.feeds[before + 1 :]) == {"feed0"}


async def test_a_subscription_that_is_added_is_followed_without_a_restart(
    line: Line,
) -> None:
    old, new = several(line, "old", "new")
    answers: list[object] = [ConfigurationError("broken"), None, [old, new]]

    def reload() -> list[Subscription] | None:
        answer = answers.pop(0) if answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    watch = Watch()
    share = FakeFeedShare(line.states).gives(0)
    async with following(
        consumer(line, old, watch=watch, reload=reload, reload_seconds=0.01), share
    ):
        await watch.until(2)
    assert watch.feeds == ["old", "new"]


async def test_no_more_polls_run_at_a_time_than_allowed(line: Line) -> None:
    running = most = 0

    class Slow(DirectParsers):
        async def feed(self, data: bytes, *, url: str, content_type: str | None):  # type: ignore[no-untyped-def]
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            return await super().feed(data, url=url, content_type=content_type)

    line.poller = line.new_poller(parsers=Slow())
    feeds = several(line, *(f"feed-{number}" for number in range(12)))
    watch = Watch()
    await consumer(line, *feeds, watch=watch, concurrency=3).poll_once(line.states)
    assert (len(watch.polls), most) == (12, 3)


async def test_a_feed_somebody_tells_of_is_polled_at_once(line: Line) -> None:
    watch = Watch()
    following_one = consumer(line, watch=watch)
    async with following(following_one, FakeFeedShare(line.states).gives(0)):
        await watch.until(1)
        await asyncio.sleep(0.05)
        line.clock.now += KNOCK_REST
        following_one.poll_soon("courier")
        following_one.poll_soon("nobody's")
        await watch.until(2)
    assert watch.feeds == ["courier", "courier"]


async def test_however_often_a_hub_knocks_a_feed_is_polled_once_a_minute(line: Line) -> None:
    """Measured before: 460 polls in 20 seconds."""
    watch = Watch()
    following_one = consumer(line, watch=watch)
    async with following(following_one, FakeFeedShare(line.states).gives(0)):
        await watch.until(1)
        for minute in range(1, 4):
            for _ in range(200):
                following_one.poll_soon("courier")
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            assert len(watch.feeds) == minute
            line.clock.now += KNOCK_REST
            following_one.poll_soon("courier")
            await watch.until(minute + 1)


async def test_news_that_is_told_during_a_poll_leads_to_another(line: Line) -> None:
    watch = Watch()
    parsing, go_on = asyncio.Event(), asyncio.Event()

    class Held(DirectParsers):
        async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
            parsing.set()
            await go_on.wait()
            return await super().feed(data, url=url, content_type=content_type)

    line.poller = line.new_poller(parsers=Held())
    following_one = consumer(line, watch=watch)
    async with following(following_one, FakeFeedShare(line.states).gives(0)):
        await parsing.wait()
        following_one.poll_soon("courier")
        line.clock.now += KNOCK_REST
        go_on.set()
        await watch.until(2)
    assert watch.feeds == ["courier", "courier"]


async def test_a_feed_we_are_told_of_waits_longer_for_its_next_poll(line: Line) -> None:
    line.clock.tick = timedelta(seconds=1)
    told, plain = several(line, "told", "plain")
    watch = Watch()
    both = consumer(
        line,
        told,
        plain,
        watch=watch,
        told_wait=lambda feed_id: timedelta(days=1 if feed_id == "told" else 0),
    )
    async with following(both, FakeFeedShare(line.states).gives(0)):
        await watch.until(5)
    assert watch.feeds.count("told") == 1


async def test_a_page_to_visit_again_is_not_put_off_by_a_hub_that_tells_of_the_feed(
    line: Line,
) -> None:
    line.clock.tick = timedelta(hours=1)
    (told,) = several(line, "told")
    line.web.serve(told.url, atom(atom_entry(1)))
    line.web.serve("https://told.example/news/1", html_page())
    watch = Watch()
    one = consumer(line, told, watch=watch, told_wait=lambda _: timedelta(days=365))
    async with following(one, FakeFeedShare(line.states).gives(0)):
        await watch.until(2)
    assert [url for url, _, _ in line.web.asked].count("https://told.example/news/1") == 2


def feeds_by_health() -> dict[str, float]:
    (metric,) = FEEDS.collect()
    return {each.labels["health"]: each.value for each in metric.samples if each.value}


async def test_the_feeds_that_are_followed_are_counted_by_their_health(line: Line) -> None:
    fine, other, broken = several(line, "fine0", "other0", "broken0")
    line.web.serve(broken.url, b"no feed")
    watch = Watch()
    share = FakeFeedShare(line.states).gives(0, 1)
    async with following(consumer(line, fine, other, broken, watch=watch), share):
        await watch.until(3)
        assert feeds_by_health() == {"fine": 2, "failing": 1}
        share.gives()
        await asyncio.sleep(0.05)
        assert feeds_by_health() == {}
