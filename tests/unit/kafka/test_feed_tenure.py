"""Who lost a feed does not write its state."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from pipeline.errors import FeedLost
from pipeline.kafka.feed_tenure import FeedTenure
from pipeline.kafka.ports import Message
from pipeline.records import FeedState
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW

STATE = FeedState(feed_id="one", url="https://courier.example/rss", polled_at=NOW)


def owns(*feeds: str):  # type: ignore[no-untyped-def]
    return lambda feed: feed in feeds


async def test_a_feed_that_went_to_another_consumer_is_not_written() -> None:
    kafka = FakePublisher()
    tenure = FeedTenure(kafka, "states")
    tenure.grant(owns("one"))
    await tenure.save(STATE)
    tenure.grant(owns("other"))
    with pytest.raises(FeedLost, match="one"):
        await tenure.save(STATE)
    assert len(kafka.sent) == 1


@pytest.mark.parametrize(("kept", "sent"), [(owns("one"), 1), (owns(), 0)])
async def test_while_feeds_are_shared_out_anew_a_write_waits_for_the_outcome(
    kept,  # type: ignore[no-untyped-def]
    sent: int,
) -> None:
    kafka = FakePublisher()
    tenure = FeedTenure(kafka, "states")
    tenure.grant(owns("one"))
    tenure.suspend()
    writing = asyncio.ensure_future(tenure.save(STATE))
    await asyncio.sleep(0.1)
    assert (writing.done(), kafka.sent) == (False, [])
    tenure.grant(kept)
    await asyncio.wait([writing], timeout=5)
    assert (writing.exception() is None, len(kafka.sent)) == (bool(sent), sent)


async def test_a_consumer_the_group_has_not_heard_of_lately_writes_nothing() -> None:
    kafka, is_member = FakePublisher(), False
    tenure = FeedTenure(kafka, "states")
    tenure.grant(owns("one"), lambda: is_member)
    writing = asyncio.ensure_future(tenure.save(STATE))
    await asyncio.sleep(0.1)
    assert kafka.sent == []
    is_member = True
    await asyncio.wait_for(writing, 5)
    assert len(kafka.sent) == 1


async def test_feeds_are_let_go_when_what_is_under_way_has_arrived() -> None:
    started, arrived = asyncio.Event(), asyncio.Event()

    class Slow(FakePublisher):
        async def publish(self, messages: Sequence[Message]) -> None:
            started.set()
            await arrived.wait()
            await super().publish(messages)

    kafka = Slow()
    tenure = FeedTenure(kafka, "states")
    tenure.grant(owns("one"))
    writing = asyncio.ensure_future(tenure.save(STATE))
    await started.wait()
    let_go = threading.Thread(target=tenure.suspend, args=(30,))
    let_go.start()
    await asyncio.sleep(0.1)
    assert let_go.is_alive()
    arrived.set()
    await writing
    await asyncio.to_thread(let_go.join, 5)
    assert not let_go.is_alive()
    assert len(kafka.sent) == 1
