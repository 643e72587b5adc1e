"""What is written to the compacted topics of states, and what is made of what is read there."""

from __future__ import annotations

import pytest

from pipeline.kafka.compacted import Kind
from pipeline.kafka.states import FEED_STATES, INGEST_STATES, KafkaStates
from pipeline.records import FeedState, IngestState, encode
from pipeline.settings import load
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW

FEED = FeedState(feed_id="one", url="https://courier.example/rss", polled_at=NOW)
FILE = IngestState(path="/ü.warc", size=9, modified_ns=1, offset=5, skip=2, updated_at=NOW)


@pytest.mark.parametrize(
    ("kind", "state", "key", "event_id"),
    [
        (FEED_STATES, FEED, "one", "one-1772366400.000"),
        (INGEST_STATES, FILE, "/ü.warc", "/ü.warc-5-2-1772366400.000"),
    ],
)
async def test_a_state_is_one_message_under_its_key(
    kind: Kind[FeedState] | Kind[IngestState],
    state: FeedState | IngestState,
    key: str,
    event_id: str,
) -> None:
    publisher = FakePublisher()
    await KafkaStates(load().kafka, "states", publisher, kind).save(state)  # type: ignore[arg-type]
    (message,) = publisher.of("states")
    assert (message.key, message.value) == (key.encode(), encode(state))
    assert ("ce_id", event_id.encode()) in message.headers
