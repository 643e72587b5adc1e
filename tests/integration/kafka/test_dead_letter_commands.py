"""``pipeline dead-letters`` and ``pipeline status`` on the real Kafka."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.letters import LetterBox, addressed
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import HELD_STATIONS, state_message
from pipeline.records import HeldStation, Reason, Stage, dead_letter
from pipeline.records.dead_letter import place_of
from pipeline.settings import Settings
from tests.reading import read_messages
from tests.running import pipeline, pipeline_json

LETTERS = 1_200  # more than are read at once


async def prepared(line: Settings) -> None:
    """Letters of messages, each written twice as after a kill, and a station that is held."""
    now = datetime.now(UTC)
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    letters = [
        dead_letter(
            stage=Stage.ENRICH,
            reason=Reason.SCHEMA,
            detail="odd",
            failed_at=now,
            payload=b"\xff" * 100_000 if number == 7 else b"%d" % number,
            key=b"k%d" % number,
            topic=line.topics.articles,
            partition=number % 4,
            offset=number,
            headers=(("traceparent", b"00-1"),),
        )
        for number in range(LETTERS)
    ]
    held = HeldStation(
        stage=Stage.INDEX,
        place="t/0",
        cause="mapping",
        detail="no field",
        remedy="mend it",
        messages=3,
        since=now,
        updated_at=now,
    )
    async with KafkaPublisher(line.kafka) as publisher:
        box = LetterBox(publisher, line.topics.dead_letters, line.kafka.max_message_bytes)
        for _ in range(2):
            await box.send([addressed(each) for each in letters])
        await publisher.publish([state_message(line.topics.stations, HELD_STATIONS, held)])


async def test_letters_go_back_whole_once_each_and_a_held_station_is_named(line: Settings) -> None:
    await prepared(line)
    listed = pipeline_json(line, "dead-letters", "list", "--limit", "5")
    assert (listed["total"], len(listed["letters"])) == (LETTERS, 5)
    seventh = hashlib.sha256(b"\xff" * 100_000).hexdigest()
    place = place_of(line.topics.articles, 3, 7, seventh)
    assert pipeline_json(line, "dead-letters", "show", place)["offset"] == 7
    assert pipeline(line, "dead-letters", "replay").returncode == 2
    done = pipeline_json(line, "dead-letters", "replay", "--reason", "schema")
    assert done == {"replayed": LETTERS, "refused": {}}
    back = {each.key: each for each in read_messages(line, line.topics.articles)}
    assert len(back) == LETTERS
    assert back[b"k7"].value == b"\xff" * 100_000
    assert back[b"k7"].headers == (("traceparent", b"00-1"),)
    assert pipeline_json(line, "dead-letters", "list")["total"] == 0
    assert "0 were thrown away" in pipeline(line, "dead-letters", "purge", "--all", "--yes").stdout
    status = pipeline(line, "status")
    assert "index is held since" in status.stdout
    assert "mend it" in status.stdout
