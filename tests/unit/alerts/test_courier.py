"""Deliveries side by side: nothing is lost, doubled, or held up by another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from pipeline import settings
from pipeline.agents.batch import RawMessage
from pipeline.agents.deliver import DeliveryHandler
from pipeline.agents.tenure import Tenure
from pipeline.alerts.book import DeliveryBook
from pipeline.alerts.courier import Courier
from pipeline.alerts.known import KnownSearches
from pipeline.alerts.plan import Failed
from pipeline.kafka.states import SAVED_SEARCHES, state_message
from pipeline.records import (
    Alert,
    DeadLetter,
    Delivery,
    DeliveryStatus,
    Reason,
    SavedSearch,
    Stage,
    Webhook,
    decode,
    encode,
)
from tests.fakes.alerts import SECRET, URL, a_search, an_alert
from tests.fakes.carrier import FakeCarrier
from tests.fakes.gates import a_gate
from tests.fakes.kafka import FakePublisher, FakeTail
from tests.fakes.records import NOW

SETTINGS = settings.load()
TOPICS = SETTINGS.topics
FAILED = Failed("status 500")


class Desk:
    """Workers that share one Kafka; its clock stands still until it is moved."""

    def __init__(self, *searches: SavedSearch) -> None:
        self.publisher = FakePublisher()
        self.now = NOW
        self.carrier = FakeCarrier()
        self.alerts: list[bytes] = []
        self.publisher.sent += [
            state_message(TOPICS.searches, SAVED_SEARCHES, each) for each in searches
        ]

    @asynccontextmanager
    async def worker(self, *partitions: int) -> AsyncIterator[Worker]:
        worker = Worker(self)
        running = asyncio.create_task(worker.courier.run())
        worker.courier.owns(frozenset(partitions))
        try:
            yield worker
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            worker.book.close()

    def deliveries(self) -> dict[str, Delivery]:
        """The newest state of each, as a compacted topic has them."""
        states = [decode(m.value, Delivery) for m in self.publisher.of(TOPICS.deliveries)]
        return {state.id: state for state in states}

    def statuses(self) -> Counter[str]:
        return Counter(str(state.status) for state in self.deliveries().values())


class Worker:
    def __init__(self, desk: Desk) -> None:
        publisher = desk.publisher
        self.book = DeliveryBook(FakeTail(publisher, TOPICS.deliveries))
        searches = KnownSearches(FakeTail(publisher, TOPICS.searches))
        self.courier = Courier(
            SETTINGS, self.book, searches, desk.carrier, publisher, lambda: desk.now, lambda: 0.0
        )
        tenure = Tenure()
        tenure.owns(frozenset({0, 1}))
        self.plan = DeliveryHandler(
            SETTINGS,
            searches,
            self.book,
            publisher,
            lambda: desk.now,
            self.courier.wake,
            tenure,
            a_gate(Stage.ALERT, publisher),
        )

    async def told(self, *alerts: Alert, partition: int = 0) -> None:
        await self.plan(
            [
                RawMessage(
                    topic=TOPICS.alerts, partition=partition, offset=n, key=b"k", value=encode(each)
                )
                for n, each in enumerate(alerts)
            ]
        )

    async def rests(self) -> None:
        self.courier.wake()
        await self.courier.finish(5)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0)


async def test_alerts_are_delivered_once_however_often_they_come() -> None:
    desk = Desk(a_search(emails=("ada@courier.example",)))
    async with desk.worker(0) as worker:
        for _ in range(3):
            await worker.told(an_alert(1), an_alert(2))
            await worker.rests()
    assert desk.statuses() == {"delivered": 4}
    assert max(Counter(desk.carrier.tried).values()) == 1


async def test_a_failed_try_is_repeated_when_it_is_due_and_by_whoever_is_there_then() -> None:
    desk = Desk(a_search())
    desk.carrier.answers(URL, FAILED, FAILED)
    async with desk.worker(0) as worker:
        await worker.told(an_alert())
        await worker.rests()
        await worker.rests()
        assert len(desk.carrier.tried) == 1
    desk.now += timedelta(seconds=SETTINGS.alerts.first_retry_seconds)
    async with desk.worker(0) as worker:
        await worker.rests()
        (state,) = desk.deliveries().values()
        assert (state.tries, state.error, state.pending) == (2, "status 500", True)
    desk.now += timedelta(hours=1)
    async with desk.worker(0) as worker:
        await worker.rests()
    assert desk.statuses() == {"delivered": 1}
    assert len(desk.carrier.tried) == 3


async def test_tries_are_counted_and_the_way_of_what_was_delivered_is_measured() -> None:
    desk = Desk(a_search())
    desk.carrier.answers(URL, FAILED)
    names = {"channel": "webhook"}
    failed, delivered = (
        ("news_alert_deliveries_total", names | {"outcome": outcome})
        for outcome in ("failed", "delivered")
    )
    seconds = ("news_alert_seconds_sum", names)
    before = [REGISTRY.get_sample_value(*each) or 0 for each in (failed, delivered, seconds)]
    async with desk.worker(0) as worker:
        await worker.told(an_alert())
        await worker.rests()
        desk.now += timedelta(hours=1)
        await worker.rests()
    after = [REGISTRY.get_sample_value(*each) or 0 for each in (failed, delivered, seconds)]
    passed = (desk.now - an_alert().indexed_at).total_seconds()
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, passed]


async def test_a_restart_repeats_nothing_that_was_delivered() -> None:
    desk = Desk(a_search())
    for _ in range(3):
        async with desk.worker(0) as worker:
            await worker.told(an_alert())
            await worker.rests()
    assert len(desk.carrier.tried) == 1


async def test_a_worker_delivers_only_what_is_its_own() -> None:
    desk = Desk(a_search())
    async with desk.worker(0) as worker:
        await worker.told(an_alert(1), partition=0)
        await worker.told(an_alert(2), partition=1)
        await worker.rests()
        assert len(desk.carrier.tried) == 1
        async with desk.worker(1) as other:
            await other.rests()
    assert desk.statuses() == {"delivered": 2}
    assert len(desk.carrier.tried) == 2


async def test_a_destination_that_hangs_holds_up_no_other() -> None:
    slow, quick = "https://slow.example/", "https://quick.example/"
    hooks = tuple(Webhook(url=url, secret=SECRET) for url in (slow, quick))
    desk = Desk(a_search(webhooks=hooks))
    go_on = desk.carrier.hangs(slow)
    async with desk.worker(0) as worker:
        await worker.told(*(an_alert(number) for number in range(1, 40)))
        await until(lambda: desk.statuses()["delivered"] == 39)
        assert desk.carrier.most_at_once[slow] == 2
        go_on.set()
        await worker.rests()
    assert desk.statuses() == {"delivered": 78}


async def test_it_is_busy_while_it_delivers_and_tells_when_something_goes_on() -> None:
    desk, beats = Desk(a_search(webhooks=(Webhook(url=URL, secret=SECRET),))), 0

    def beat() -> None:
        nonlocal beats
        beats += 1

    go_on = desk.carrier.hangs(URL)
    async with desk.worker(0) as worker:
        worker.courier.on_progress = beat
        await worker.told(an_alert(1))
        await until(lambda: worker.courier.busy)
        before = beats
        await asyncio.sleep(0.1)
        assert (worker.courier.busy, beats) == (True, before)
        go_on.set()
        await worker.rests()
        assert not worker.courier.busy
        assert beats > before


async def test_what_is_given_up_is_a_dead_letter_with_its_reason() -> None:
    desk = Desk(a_search())
    desk.carrier.answers(URL, Failed("a private or reserved address", permanent=True))
    async with desk.worker(0) as worker:
        await worker.told(an_alert())
        await worker.rests()
    (letter,) = (decode(m.value, DeadLetter) for m in desk.publisher.of(TOPICS.dead_letters))
    assert (letter.stage, letter.reason) == (Stage.ALERT, Reason.UNDELIVERABLE)
    assert letter.detail == f"webhook to {URL}: a private or reserved address (try 1)"
    assert decode(letter.payload_bytes(), Alert) == an_alert()
    assert desk.statuses() == {"given-up": 1}


async def test_a_webhook_that_says_gone_is_switched_off_where_all_can_see_it() -> None:
    desk = Desk(a_search())
    desk.carrier.answers(URL, Failed("status 410", gone=True))
    async with desk.worker(0) as worker:
        await worker.told(an_alert(1))
        await worker.rests()
        await worker.told(an_alert(2))
        await worker.rests()
    saved = decode(desk.publisher.of(TOPICS.searches)[-1].value, SavedSearch)
    assert saved.webhooks[0].gone_at == NOW
    assert desk.statuses() == {"withdrawn": 1}
    assert len(desk.carrier.tried) == 1


async def test_what_a_removed_search_has_left_is_withdrawn() -> None:
    desk = Desk(a_search())
    desk.carrier.answers(URL, FAILED)
    async with desk.worker(0) as worker:
        await worker.told(an_alert())
        await worker.rests()
        gone = state_message(TOPICS.searches, SAVED_SEARCHES, a_search(webhooks=()))
        desk.publisher.sent.append(gone)
        desk.now += timedelta(hours=1)
        await worker.rests()
    (state,) = desk.deliveries().values()
    assert state.status is DeliveryStatus.WITHDRAWN
    assert len(desk.carrier.tried) == 1


async def test_partitions_are_let_go_when_what_is_under_way_has_ended() -> None:
    desk = Desk(a_search())
    go_on = desk.carrier.hangs(URL)
    async with desk.worker(0) as worker:
        await worker.told(an_alert(1), an_alert(2), an_alert(3))
        await until(lambda: len(desk.carrier.tried) == 2)
        going = asyncio.create_task(worker.courier.lets_go())
        await asyncio.sleep(0.01)
        assert not going.done()
        go_on.set()
        await going
        await worker.rests()
        assert len(desk.carrier.tried) == 2
    async with desk.worker(0) as worker:
        await worker.rests()
    assert desk.statuses() == {"delivered": 3}
    assert max(Counter(desk.carrier.tried).values()) == 1


async def test_an_alert_that_cannot_be_read_is_a_dead_letter() -> None:
    desk = Desk(a_search())
    async with desk.worker(0) as worker:
        await worker.plan(
            [RawMessage(topic=TOPICS.alerts, partition=0, offset=0, key=b"k", value=b"{")]
        )
    (letter,) = (decode(m.value, DeadLetter) for m in desk.publisher.of(TOPICS.dead_letters))
    assert letter.reason is Reason.UNDECODABLE


async def test_a_state_that_cannot_be_saved_ends_the_courier() -> None:
    desk = Desk(a_search())
    worker = Worker(desk)
    worker.courier.owns(frozenset({0}))
    await worker.told(an_alert())
    desk.publisher.raise_on_publish(RuntimeError("refused"))
    with pytest.raises(RuntimeError, match="refused"):
        await asyncio.wait_for(worker.courier.run(), 5)
    worker.book.close()
