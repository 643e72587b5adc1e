"""Dead letters on the real Kafka: the largest is whole, and a topic that takes less gets it cut."""

from __future__ import annotations

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.connection import client_options
from pipeline.kafka.letters import LetterBox, addressed
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import DeadLetter, Reason, Stage, dead_letter, decode
from pipeline.settings import Settings
from tests.fakes.records import NOW
from tests.reading import read_messages


def a_letter(line: Settings, offset: int, payload: bytes) -> DeadLetter:
    return dead_letter(
        stage=Stage.ENRICH,
        reason=Reason.SCHEMA,
        detail="odd",
        failed_at=NOW,
        payload=payload,
        key=b"k",
        topic=line.topics.articles,
        partition=0,
        offset=offset,
    )


async def sent(line: Settings, *letters: DeadLetter) -> dict[int | None, DeadLetter]:
    topic, limit = line.topics.dead_letters, line.kafka.max_message_bytes
    async with KafkaPublisher(line.kafka) as publisher:
        await LetterBox(publisher, topic, limit).send([addressed(each) for each in letters])
    found = [decode(each.value, DeadLetter) for each in read_messages(line, topic)]
    return {each.offset: each for each in found}


async def test_the_largest_message_is_a_whole_letter(line: Settings) -> None:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    largest = a_letter(line, 1, b"\xff" * line.kafka.max_message_bytes)
    assert await sent(line, largest) == {1: largest}


async def test_a_topic_that_takes_less_gets_the_letter_cut_and_the_others_whole(
    line: Settings,
) -> None:
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
        limit_topic(line, line.topics.dead_letters, 300_000)
        assert cluster.create_topics(line.topics) == ()
    letters = [a_letter(line, n, b"x" * size) for n, size in enumerate((1000, 1_000_000, 2000))]
    found = await sent(line, *letters)
    assert (found[0], found[2]) == (letters[0], letters[2])
    assert found[1].payload_truncated
    assert len(found[1].payload_bytes()) == 65_536


def limit_topic(line: Settings, topic: str, limit: int) -> None:
    admin = KafkaAdminClient(**client_options(line.kafka))
    try:
        admin.alter_configs([ConfigResource("topic", topic, {"max.message.bytes": str(limit)})])
    finally:
        admin.close()
