"""Future by a producer that fails in ways a healthy cluster does not show."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.errors import (
    KafkaStorageError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)
from kafka.future import Future

from pipeline import settings
from pipeline.errors import ConfigurationError, Rejected
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from tests.waiting import eventually

KAFKA = settings.load().kafka


class Producer:
    """Takes everything, unless ``refuse`` says why not; ``hold`` keeps deliveries open, also, where
    it ``lingers``, when it is abandoned."""

    def __init__(
        self, refuse: Exception | None = None, *, hold: bool = False, lingers: bool = False
    ) -> None:
        self.refuse = refuse
        self.hold = hold
        self.lingers = lingers
        self.asked: list[bytes] = []
        self.open: list[Future] = []
        self.closed = False

    def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Future:
        self.asked.append(value)
        if self.refuse is not None:
            raise self.refuse
        future = Future()
        self.open.append(future)
        if not self.hold:
            future.success(None)
        return future

    def abandon(self, seconds: float) -> None:
        self.closed = True
        for future in self.open:
            if not future.is_done and not self.lingers:
                future.failure(KafkaTimeoutError())


class Producers:
    """Hands out the producers one after another."""

    def __init__(self, *producers: Producer) -> None:
        self.waiting = list(producers)

    def __call__(self) -> Producer:
        return self.waiting.pop(0)


def message(value: bytes, key: bytes | None = None) -> Message:
    return Message(topic="t", key=key or value, value=value)


async def test_a_send_that_cannot_even_be_queued_is_not_waited_for_once_for_each_message() -> None:
    blocked, healthy = Producer(KafkaTimeoutError("no metadata")), Producer()
    waits: list[None] = []
    publisher = KafkaPublisher(
        KAFKA, lambda: waits.append(None), connect=Producers(blocked, healthy)
    )
    await publisher.publish([message(b"1"), message(b"2"), message(b"3")])
    assert blocked.asked == [b"1"]
    assert blocked.closed
    assert healthy.asked == [b"1", b"2", b"3"]
    assert len(waits) == 1


async def test_a_failed_delivery_of_one_call_leaves_the_new_producer_of_another_alone() -> None:
    old = Producer(hold=True, lingers=True)
    new, none = Producer(hold=True), Producer()
    publisher = KafkaPublisher(KAFKA, connect=Producers(old, new, none))

    async def in_flight(producer: Producer, count: int) -> None:
        assert await asyncio.to_thread(eventually, lambda: len(producer.open) == count, 5)

    calls = [asyncio.create_task(publisher.publish([message(value)])) for value in (b"1", b"2")]
    await in_flight(old, 2)
    old.open[0].failure(KafkaTimeoutError())
    await in_flight(new, 1)
    old.open[1].failure(KafkaTimeoutError())
    await in_flight(new, 2)
    for delivery in new.open:
        delivery.success(None)
    await asyncio.gather(*calls)
    assert (old.closed, new.closed, none.asked) == (True, False, [])


async def test_messages_of_a_key_that_failed_go_again_in_order_and_the_others_do_not() -> None:
    class Flaky(Producer):
        def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Future:
            future = super().send(topic, key=key, value=value, headers=headers)
            if value == b"a2":
                future = Future()
                future.failure(KafkaTimeoutError())
            return future

    healthy = Producer()
    publisher = KafkaPublisher(KAFKA, connect=Producers(Flaky(), healthy))
    await publisher.publish([message(b"a1", b"a"), message(b"b1", b"b"), message(b"a2", b"a")])
    assert healthy.asked == [b"a1", b"a2"]


async def test_what_is_too_large_for_ever_costs_only_itself_and_no_producer() -> None:
    class Small(Producer):
        def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Future:
            if len(value) > 1:
                raise MessageSizeTooLargeError
            return super().send(topic, key=key, value=value, headers=headers)

    small = Small()
    publisher = KafkaPublisher(KAFKA, connect=Producers(small))
    with pytest.raises(Rejected, match="large"):
        await publisher.publish([message(b"1"), message(b"large"), message(b"2")])
    assert small.asked == [b"1", b"2"]
    assert not small.closed


async def test_a_right_that_lacks_is_told_and_not_waited_for() -> None:
    publisher = KafkaPublisher(KAFKA, connect=Producers(Producer(TopicAuthorizationFailedError())))
    with pytest.raises(ConfigurationError, match="rights"):
        await publisher.publish([message(b"1")])


async def test_ten_thousand_messages_that_never_settle_share_one_deadline_and_no_thread() -> None:
    silent, healthy = Producer(hold=True, lingers=True), Producer()
    publisher = KafkaPublisher(KAFKA, connect=Producers(silent, healthy), try_seconds=1.0)
    values = [b"%d" % number for number in range(10_000)]
    began, threads = time.monotonic(), threading.active_count()
    publishing = asyncio.create_task(publisher.publish([message(value) for value in values]))
    assert await asyncio.to_thread(eventually, lambda: len(silent.open) == len(values), 5)
    assert threading.active_count() <= threads + 1  # the one that looks
    await publishing
    assert time.monotonic() - began < 10
    assert healthy.asked == values


async def test_what_settled_in_time_is_not_sent_again() -> None:
    silent, healthy = Producer(hold=True, lingers=True), Producer()
    publisher = KafkaPublisher(KAFKA, connect=Producers(silent, healthy), try_seconds=1.0)
    publishing = asyncio.create_task(publisher.publish([message(b"1"), message(b"2")]))
    assert await asyncio.to_thread(eventually, lambda: len(silent.open) == 2, 5)
    silent.open[0].success(None)
    await publishing
    assert healthy.asked == [b"2"]


class Hanging(Producer):
    """Does not come back from ``where`` until the test is over."""

    def __init__(self, where: str, over: threading.Event) -> None:
        super().__init__(hold=where == "abandon", lingers=True)
        self.where = where
        self.over = over

    def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Future:
        future = super().send(topic, key=key, value=value, headers=headers)
        if self.where == "send":
            self.over.wait()
        return future

    def abandon(self, seconds: float) -> None:
        super().abandon(seconds)
        if self.where == "abandon":
            self.over.wait()


@pytest.fixture
def over() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("where", ["send", "abandon"])
async def test_a_producer_that_hangs_is_left_to_itself(where: str, over: threading.Event) -> None:
    healthy = Producer()
    publisher = KafkaPublisher(
        KAFKA, connect=Producers(Hanging(where, over), healthy), try_seconds=0.2
    )
    async with asyncio.timeout(5):
        await publisher.publish([message(b"1")])
    assert healthy.asked == [b"1"]


async def test_a_connection_that_hangs_is_made_once_for_all_and_used_when_it_comes(
    over: threading.Event,
) -> None:
    healthy, waits = Producer(), 0
    made: list[None] = []

    def connect() -> Producer:
        made.append(None)
        over.wait()
        return healthy

    def waited() -> None:
        nonlocal waits
        waits += 1
        if waits == 4:
            over.set()

    publisher = KafkaPublisher(KAFKA, waited, connect, try_seconds=0.05)
    async with asyncio.timeout(10):
        await asyncio.gather(*(publisher.publish([message(value)]) for value in (b"1", b"2")))
    assert sorted(healthy.asked) == [b"1", b"2"]
    assert len(made) == 1


async def test_a_connection_that_comes_after_the_end_is_let_go(over: threading.Event) -> None:
    late = Producer()

    def connect() -> Producer:
        over.wait()
        return late

    publisher = KafkaPublisher(KAFKA, connect=connect)
    publishing = asyncio.create_task(publisher.publish([message(b"1")]))
    await asyncio.sleep(0.05)
    publishing.cancel()
    await publisher.close()
    over.set()
    assert await asyncio.to_thread(eventually, lambda: late.closed, 5)


class Odd(Producer):
    """Fails in ways that no documentation mentions."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error

    def abandon(self, seconds: float) -> None:
        super().abandon(seconds)
        raise self.error


@pytest.mark.parametrize(
    "error", [KafkaTimeoutError("x"), AssertionError(), OSError("x"), RuntimeError("x")]
)
async def test_no_odd_error_gets_out(error: Exception) -> None:
    producers: list[Exception | Producer] = [error, Odd(error), Producer()]

    def connect() -> Producer:
        made = producers.pop(0)
        if isinstance(made, Exception):
            raise made
        return made

    async with KafkaPublisher(KAFKA, connect=connect) as publisher:
        await publisher.publish([message(b"1")])
    async with KafkaPublisher(KAFKA, connect=lambda: Odd(error)) as publisher:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await publisher.publish([message(b"1")])


async def test_a_refusal_to_let_us_in_is_told_and_not_waited_for() -> None:
    def connect() -> Producer:
        raise ConfigurationError("the login")

    with pytest.raises(ConfigurationError, match="the login"):
        await KafkaPublisher(KAFKA, connect=connect).publish([message(b"1")])


class Unreliable(Producer):
    """Fails those deliveries whose turn it is, and appends the others to a topic."""

    def __init__(self, turns: Iterator[bool], topic: list[tuple[bytes, bytes]]) -> None:
        super().__init__()
        self.turns = turns
        self.topic = topic

    def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Future:
        future = Future()
        if next(self.turns, True):
            self.topic.append((key, value))
            return future.success(None)
        return future.failure(KafkaTimeoutError())


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=30), st.lists(st.booleans()))
def test_the_last_arrival_of_each_message_is_in_the_order_of_its_key(
    keys: list[bytes], turns: list[bool]
) -> None:
    sent = [message(b"%d" % number, key) for number, key in enumerate(keys)]
    topic: list[tuple[bytes, bytes]] = []
    outcomes = iter(turns)

    class Impatient(KafkaPublisher):
        async def round(self, messages: Sequence[Message]) -> Sequence[Message]:
            return self._judged(messages, await self._try(messages)).again

    async def publish() -> None:
        publisher = Impatient(KAFKA, connect=lambda: Unreliable(outcomes, topic))
        remaining: Sequence[Message] = sent
        while remaining:
            remaining = await publisher.round(remaining)

    asyncio.run(publish())
    last = {value: place for place, (_, value) in enumerate(topic)}
    for key in set(keys):
        places = [last[each.value or b""] for each in sent if each.key == key]
        assert places == sorted(places)


async def test_closing_lets_go_of_the_producer() -> None:
    producer = Producer()
    async with KafkaPublisher(KAFKA, connect=Producers(producer)) as publisher:
        await publisher.publish([message(b"1")])
        assert not producer.closed
    assert producer.closed


async def test_a_disk_of_kafka_that_is_full_is_named(caplog: pytest.LogCaptureFixture) -> None:
    full, healthy = Producer(hold=True), Producer()
    publisher = KafkaPublisher(KAFKA, connect=Producers(full, healthy))
    publishing = asyncio.create_task(publisher.publish([message(b"1")]))
    assert await asyncio.to_thread(eventually, lambda: full.open, 5)
    full.open[0].failure(KafkaStorageError())
    await publishing
    assert "the disk of Kafka at" in caplog.text
    assert healthy.asked == [b"1"]


class Poisoned(Producer):
    """One that a broker refused a message for its size: all that come after it fail just so."""

    def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Future:
        future = Future()
        if b"large" in value:
            self.refuse = MessageSizeTooLargeError()
        if self.refuse is None:
            future.success(None)
        else:
            future.failure(self.refuse)
        self.asked.append(value)
        return future


async def test_what_a_broker_refuses_for_its_size_takes_none_of_the_others_with_it() -> None:
    made: list[Poisoned] = []

    def connect() -> Poisoned:
        made.append(Poisoned())
        return made[-1]

    publisher = KafkaPublisher(KAFKA, connect=connect)
    with pytest.raises(Rejected, match=r": large$"):
        await publisher.publish([message(each) for each in (b"1", b"large", b"2", b"3")])
    assert [each.asked for each in made] == [[b"1", b"large", b"2", b"3"], [b"large"], [b"2", b"3"]]
    await publisher.publish([message(b"4")])
    assert made[-1].asked[-1] == b"4"
