"""A broker that pauses: who was waiting for it goes on within seconds of its return."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing, suppress
from functools import partial

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from pipeline.background import in_background
from pipeline.errors import ServiceUnavailable
from pipeline.kafka.cluster import Cluster, create_topics, waited_for
from pipeline.kafka.connection import client_options
from pipeline.kafka.ports import Entry, Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.tail import KafkaTail
from pipeline.settings import Settings
from tests.reading import read_messages
from tests.running import paused, server_pid
from tests.waiting import eventually

GOES_ON_SECONDS = 10.0
# Longer than a request waits (10 s), so that connections are given up and made anew.
PAUSE_SECONDS = 14.0
MESSAGES = 2_000
KEYS = 50
# Fails soon, so that the next try begins.
QUICK = {"delivery_timeout_ms": 3_000, "request_timeout_ms": 2_000, "max_block_ms": 2_000}


def numbered(topic: str, first: int) -> list[Message]:
    return [
        Message(topic=topic, key=b"%d" % (number % KEYS), value=b"%d" % number)
        for number in range(first, first + MESSAGES)
    ]


async def test_publishers_and_readers_go_on_soon_after_a_pause(line: Settings) -> None:
    create_topics(line.kafka, line.topics)
    topic, read = line.topics.articles, list[Entry]()
    async with (
        KafkaPublisher(line.kafka) as used,
        KafkaPublisher(line.kafka, try_seconds=5.0) as impatient,
        KafkaTail(line.kafka, topic) as tail,
    ):
        await used.publish(numbered(topic, 0))

        async def follow() -> None:
            async for entries in tail.catch_up():
                read.extend(entries)

        await follow()
        create = partial(in_background, partial(create_topics, line.kafka, line.topics))
        with paused(server_pid(line, "kafka")):
            waiting = [
                asyncio.create_task(used.publish(numbered(topic, MESSAGES))),
                asyncio.create_task(impatient.publish(numbered(line.topics.backfill, 0))),
                asyncio.create_task(follow()),
                asyncio.create_task(waited_for(create, print)),
            ]
            await asyncio.sleep(PAUSE_SECONDS)
            assert not any(each.done() for each in waiting)
        await in_background(partial(wait_until_it_takes_messages, line))
        back = time.monotonic()
        await asyncio.gather(*waiting)
        assert time.monotonic() - back < GOES_ON_SECONDS
        await follow()
    assert {entry.value for entry in read} == {b"%d" % number for number in range(2 * MESSAGES)}
    for published, first, count in ((topic, 0, 2), (line.topics.backfill, 0, 1)):
        assert_in_order(line, published, first, count * MESSAGES)


def a_producer(line: Settings) -> KafkaProducer:
    return KafkaProducer(**client_options(line.kafka) | QUICK)


def wait_until_it_takes_messages(line: Settings) -> None:
    """A broker that paused has lost its place in the cluster, and on a busy machine needs a while
    to get it back; until then it leads no partition, and nobody can write."""

    def takes_one() -> bool:
        with suppress(KafkaError), closing(a_producer(line)) as p:
            p.send(line.topics.alerts, b"x").get(2.0)
            return True
        return False

    assert eventually(takes_one, 120)


def assert_in_order(line: Settings, topic: str, first: int, count: int) -> None:
    """Every message is there, and of each key the last arrivals are in order: a message that came
    twice is known by its id."""
    last: dict[bytes, int] = {}
    for place, message in enumerate(read_messages(line, topic)):
        last[message.value or b""] = place
    assert set(last) == {b"%d" % number for number in range(first, first + count)}
    for key in range(KEYS):
        places = [last[b"%d" % number] for number in range(first + key, first + count, KEYS)]
        assert places == sorted(places)


def test_a_paused_broker_is_an_outage_of_bounded_length(line: Settings) -> None:
    with paused(server_pid(line, "kafka")):
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable, match="says nothing"):
            Cluster(line.kafka)
        assert time.monotonic() - began < 15
