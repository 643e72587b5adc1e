"""Topics that change under a running station: it reads what is in them within a minute."""

from __future__ import annotations

import pytest

from pipeline.kafka.feed_member import partition_of
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import Article, EnrichedArticle, decode, encode
from pipeline.settings import Settings
from tests.fakes.records import an_article
from tests.reading import read_topic
from tests.running import pipeline, running
from tests.stacks import updated
from tests.topics import add_partitions, make_again
from tests.waiting import eventually

WITHIN_SECONDS = 60.0


@pytest.fixture
def quick(line: Settings) -> Settings:
    """Looks at the topic every three seconds."""
    workers = {"stall_seconds": 18.0, "session_timeout_seconds": 6.0}
    return updated(line, {"workers": workers, "enrich": {"processes": 1}})


def articles(first: int) -> list[Article]:
    addresses = (f"https://courier.example/{number}" for number in range(first, first + 20))
    return [an_article(url=url, text=f"Ada Lind said {url} will open.") for url in addresses]


async def publish(line: Settings, given: list[Article]) -> None:
    topic = line.topics.articles
    messages = [Message(topic=topic, key=each.id.encode(), value=encode(each)) for each in given]
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(messages)


def enriched(line: Settings) -> set[str]:
    values = read_topic(line, line.topics.enriched)
    return {decode(value, EnrichedArticle).article.id for value in values}


def has_enriched(line: Settings, given: list[Article], seconds: float) -> bool:
    wanted = {each.id for each in given}
    return eventually(lambda: wanted <= enriched(line), seconds)


async def test_partitions_that_are_added_are_read(quick: Settings) -> None:
    assert pipeline(quick, "setup").returncode == 0
    with running(quick, "work", "enrich"):
        await publish(quick, articles(0))
        assert has_enriched(quick, articles(0), 90)
        more = quick.topics.partitions + 6
        add_partitions(quick, quick.topics.articles, more)
        later = articles(100)
        assert {partition_of(more, each.id) for each in later} - set(range(quick.topics.partitions))
        await publish(quick, later)
        assert has_enriched(quick, later, WITHIN_SECONDS)


async def test_a_topic_that_is_made_again_is_read_from_its_beginning(quick: Settings) -> None:
    assert pipeline(quick, "setup").returncode == 0
    with running(quick, "work", "enrich"):
        await publish(quick, articles(0))
        assert has_enriched(quick, articles(0), 90)
        make_again(quick, quick.topics.articles)
        later = articles(100)
        await publish(quick, later)
        assert has_enriched(quick, later, WITHIN_SECONDS)
