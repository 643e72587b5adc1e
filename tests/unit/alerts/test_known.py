"""What a worker knows from Kafka when a topic is made again: what is listed is what is asked."""

from __future__ import annotations

from pipeline.alerts.known import KnownSearches, Ledger
from pipeline.kafka.ports import Message
from pipeline.records import SavedSearch, encode
from tests.fakes.alerts import TOPICS, a_search, an_alert
from tests.fakes.kafka import FakePublisher, FakeTail


def _saved(search: SavedSearch) -> Message:
    return Message(topic=TOPICS.searches, key=search.id.encode(), value=encode(search))


async def test_searches_of_a_topic_that_was_made_again_are_asked_no_more() -> None:
    publisher = FakePublisher()
    tail = FakeTail(publisher, TOPICS.searches)
    known = KnownSearches(tail)
    await publisher.publish([_saved(a_search(id="old")), _saved(a_search(id="kept"))])
    assert set(await known.latest()) == {"old", "kept"}
    tail.make_again()
    assert await known.latest() == {}
    await publisher.publish([_saved(a_search(id="kept"))])
    assert set(await known.latest()) == {"kept"}


async def test_alerts_of_a_topic_that_was_made_again_are_not_made_twice() -> None:
    publisher = FakePublisher()
    tail = FakeTail(publisher, TOPICS.alerts)
    ledger = Ledger(tail)
    made = Message(topic=TOPICS.alerts, key=b"lind", value=encode(an_alert(1)))
    await publisher.publish([made])
    assert await ledger.unknown([an_alert(1)]) == []
    tail.make_again()
    assert await ledger.unknown([an_alert(1), an_alert(2)]) == [an_alert(2)]
