"""The bundled sample feed, over real HTTP on loopback, up to the messages that go to Kafka."""

import socket
from datetime import UTC, datetime

import pytest

from pipeline import resources
from pipeline.feeds.consumer import FeedConsumer
from pipeline.feeds.entry_reader import EntryReader
from pipeline.feeds.fetch import Fetcher
from pipeline.feeds.poll import Poller
from pipeline.feeds.robots import RobotsCache
from pipeline.feeds.shelf import Shelf
from pipeline.feeds.subscriptions import sample_subscription
from pipeline.records import Article, DeadLetter, Reason, decode
from pipeline.runner.sample_site import sample_site
from pipeline.settings import Settings
from tests.fakes.feeds import Clock, DirectParsers, feed_settings
from tests.fakes.kafka import FakeFeedStates, FakePublisher

LATER = datetime(2030, 1, 1, tzinfo=UTC)  # the sample grows old, and is still read whole


@pytest.fixture
def settings() -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = feed_settings()
    return settings.model_copy(update={"sample": settings.sample.model_copy(update={"port": port})})


async def poll(settings: Settings, states: FakeFeedStates) -> FakePublisher:
    kafka = FakePublisher()
    with sample_site(resources.root() / "deploy" / "sample", settings.sample.port):
        async with Fetcher(settings.feeds) as fetcher:
            shelf, clock = Shelf(), Clock(LATER)
            robots = RobotsCache(fetcher, "news-pipeline")
            reader = EntryReader(fetcher, DirectParsers(), robots, settings.feeds, clock)
            poller = Poller(reader, kafka, settings, clock, shelf.articles)
            consumer = FeedConsumer(
                [sample_subscription(settings)],
                poller,
                shelf.states,
                shelf.articles,
                clock,
                concurrency=4,
                per_host=4,
            )
            await consumer.poll_once(states)
    return kafka


async def test_the_sample_feed_becomes_articles_and_its_broken_page_a_dead_letter(
    settings: Settings,
) -> None:
    states = FakeFeedStates()
    kafka = await poll(settings, states)
    articles = [decode(m.value, Article) for m in kafka.of(settings.topics.articles)]
    (letter,) = [decode(m.value, DeadLetter) for m in kafka.of(settings.topics.dead_letters)]
    assert len(articles) == 18
    assert len({article.id for article in articles}) == 17
    assert (letter.reason, (letter.url or "").rpartition("/")[2]) == (
        Reason.NOT_AN_ARTICLE,
        "harbour-live.html",
    )
    original, corrected = (a for a in articles if "bridge-collapse" in (a.url or ""))
    assert original.revision < corrected.revision
    assert ("27 people" in original.text, "29 people" in corrected.text) == (True, True)
    assert {a.language for a in articles if "marche" in (a.url or "")} == {"fr"}
    site = f"127.0.0.1:{settings.sample.port}"
    assert all(site in (article.canonical_url or "") for article in articles)
    assert (await poll(settings, states)).sent == []
