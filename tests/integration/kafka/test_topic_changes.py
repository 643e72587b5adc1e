"""Topics that get more partitions, or are made again, while they are read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.compacted import read_newest
from pipeline.kafka.feed_member import partition_of
from pipeline.kafka.feed_share import KafkaFeedShare
from pipeline.kafka.feed_states import KafkaFeedStates
from pipeline.kafka.ports import Message, NeverPolled
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import SAVED_SEARCHES
from pipeline.kafka.tail import KafkaTail
from pipeline.records import SavedSearch, encode
from pipeline.settings import Settings
from tests.contract.feed_share import Follower
from tests.contract.feed_states import a_state
from tests.fakes.records import NOW
from tests.topics import add_partitions, make_again

FEEDS = [f"feed-{number}" for number in range(40)]
WITHIN_SECONDS = 60.0
MORE = 9


@pytest.fixture
async def publisher(line: Settings) -> AsyncIterator[KafkaPublisher]:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    async with KafkaPublisher(line.kafka) as publisher:
        yield publisher


def is_spread(follower: Follower) -> bool:
    """Whether a consumer goes by the new number of partitions and has all feeds."""
    share = follower.now
    return (
        share is not None
        and share.partitions == frozenset(range(MORE))
        and share.partition("feed-1") == partition_of(MORE, "feed-1")
    )


async def test_a_feed_whose_partition_changed_is_given_with_its_state(
    line: Settings, publisher: KafkaPublisher
) -> None:
    topic = line.topics.feeds
    states = KafkaFeedStates(line.kafka, topic, publisher)
    for feed in FEEDS:
        await states.save(a_state(feed, etag="before", turn=1))
    share = KafkaFeedShare(line.kafka, topic, f"{line.kafka.group_prefix}-feeds", publisher)
    follower = Follower(share, frozenset(FEEDS))
    listening = asyncio.create_task(follower.listen())
    try:
        await follower.until(lambda: follower.of(FEEDS) == set(FEEDS))
        add_partitions(line, topic, MORE)
        started = time.monotonic()
        await follower.until(lambda: is_spread(follower))
        assert time.monotonic() - started < WITHIN_SECONDS
        assert (follower.etags(FEEDS), follower.bare) == ({"before"}, set())
        for feed in FEEDS:
            await follower.save(a_state(feed, etag="after", turn=2))
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    loaded = await states.load()
    assert {getattr(loaded.get(feed, NeverPolled()), "etag", None) for feed in FEEDS} == {"after"}


async def test_a_search_that_was_changed_in_another_partition_is_the_changed_one(
    line: Settings, publisher: KafkaPublisher
) -> None:
    topic = line.topics.searches

    async def save(name: str, number: int) -> None:
        search = SavedSearch(
            id=f"s-{number}", name=name, about="articles", query={}, created_at=NOW
        )
        message = Message(topic=topic, key=search.id.encode(), value=encode(search))
        await publisher.publish([message])

    for number in range(20):
        await save("old", number)
    add_partitions(line, topic, MORE)
    await publisher.close()  # a new connection knows of the new partitions at once
    for number in range(10):
        await save("new", number)
    for number in range(15, 20):
        await publisher.publish([Message(topic=topic, key=b"s-%d" % number, value=None)])
    found = await asyncio.to_thread(read_newest, line.kafka, topic, SAVED_SEARCHES)
    names = {f"s-{n}": "new" if n < 10 else "old" for n in range(15)}
    assert {key: search.name for key, search in found.items()} == names


async def numbers_read(tail: KafkaTail, wanted: set[bytes]) -> set[bytes | None]:
    found: set[bytes | None] = set()
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            async for entries in tail.catch_up():
                found |= {entry.value for entry in entries}
            if wanted <= found:
                return found
            await asyncio.sleep(0.5)


def numbers(topic: str, values: set[bytes]) -> list[Message]:
    return [Message(topic=topic, key=value, value=value) for value in sorted(values)]


async def test_a_tail_reads_on_in_new_partitions_and_reads_a_new_topic_from_its_beginning(
    line: Settings, publisher: KafkaPublisher, caplog: pytest.LogCaptureFixture
) -> None:
    topic = line.topics.alerts
    old, more, anew = ({b"%s-%d" % (name, n) for n in range(50)} for name in (b"a", b"b", b"c"))
    async with KafkaTail(line.kafka, topic) as tail:
        await publisher.publish(numbers(topic, old))
        assert await numbers_read(tail, old) == old
        add_partitions(line, topic, MORE)
        await publisher.close()
        await publisher.publish(numbers(topic, more))
        assert await numbers_read(tail, more) == more
        assert tail.made_again == 0
        make_again(line, topic)
        await publisher.close()
        await publisher.publish(numbers(topic, anew))
        assert await numbers_read(tail, anew) == anew
        assert tail.made_again == 1
    assert caplog.text.count("was made again: it is read from its beginning") == 1
