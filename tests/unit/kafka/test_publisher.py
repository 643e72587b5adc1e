"""Delivery by a producer that fails in ways a healthy cluster does not show."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest
from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)

from pipeline import settings
from pipeline.errors import ConfigurationError, Rejected
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from tests.waiting import eventually

KAFKA = settings.load().kafka


class Delivery(Future[None]):
    """A future of kafka-python."""

    def get(self, timeout: float) -> None:
        return self.result(timeout)


class Producer:
    """Takes everything, unless ``refuse`` says why not; ``hold`` keeps deliveries open."""

    def __init__(self, refuse: KafkaError | None = None, *, hold: bool = False) -> None:
        self.refuse = refuse
        self.hold = hold
        self.asked: list[bytes] = []
        self.open: list[Delivery] = []
        self.closed = False

    def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Delivery:
        self.asked.append(value)
        if self.refuse is not None:
            raise self.refuse
        future: Delivery = Delivery()
        self.open.append(future)
        if not self.hold:
            future.set_result(None)
        return future

    def close(self, timeout: float) -> None:
        self.closed = True


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
    old, new, none = Producer(hold=True), Producer(hold=True), Producer()
    publisher = KafkaPublisher(KAFKA, connect=Producers(old, new, none))

    async def in_flight(producer: Producer, count: int) -> None:
        assert await asyncio.to_thread(eventually, lambda: len(producer.open) == count, 5)

    calls = [asyncio.create_task(publisher.publish([message(value)])) for value in (b"1", b"2")]
    await in_flight(old, 2)
    old.open[0].set_exception(KafkaTimeoutError())
    await in_flight(new, 1)
    old.open[1].set_exception(KafkaTimeoutError())
    await in_flight(new, 2)
    for delivery in new.open:
        delivery.set_result(None)
    await asyncio.gather(*calls)
    assert (old.closed, new.closed, none.asked) == (True, False, [])


async def test_messages_of_a_key_that_failed_go_again_in_order_and_the_others_do_not() -> None:
    class Flaky(Producer):
        def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Delivery:
            future = super().send(topic, key=key, value=value, headers=headers)
            if value == b"a2":
                future = Delivery()
                future.set_exception(KafkaTimeoutError())
            return future

    healthy = Producer()
    publisher = KafkaPublisher(KAFKA, connect=Producers(Flaky(), healthy))
    await publisher.publish([message(b"a1", b"a"), message(b"b1", b"b"), message(b"a2", b"a")])
    assert healthy.asked == [b"a1", b"a2"]


async def test_what_is_too_large_for_ever_costs_only_itself_and_no_producer() -> None:
    class Small(Producer):
        def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Delivery:
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


async def test_closing_lets_go_of_the_producer() -> None:
    producer = Producer()
    async with KafkaPublisher(KAFKA, connect=Producers(producer)) as publisher:
        await publisher.publish([message(b"1")])
        assert not producer.closed
    assert producer.closed


class Poisoned(Producer):
    """One that a broker refused a message for its size: all that come after it fail just so."""

    def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Delivery:
        future: Delivery = Delivery()
        if b"large" in value:
            self.refuse = MessageSizeTooLargeError()
        if self.refuse is None:
            future.set_result(None)
        else:
            future.set_exception(self.refuse)
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
