"""The only producer of the line: kafka-python, idempotent, acknowledged by all in-sync replicas.

The agents use it too, rather than Faust's own: that one is not idempotent, and its settings are not
meant to be changed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

import kafka.errors
from kafka import KafkaProducer

from pipeline.errors import Rejected, ServiceUnavailable
from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.letters import letter_limit
from pipeline.kafka.ports import Message
from pipeline.kafka.probe import check_access
from pipeline.metrics import OUTAGES
from pipeline.records import Reason
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

# Kafka's default is 120 s. Shorter, so that a call that waits says so and the watchdog hears of it.
_DELIVERY_TIMEOUT_MS = 20_000
_REQUEST_TIMEOUT_MS = 10_000
_MAX_BACKOFF_SECONDS = 10.0
_TOO_LARGE = (kafka.errors.MessageSizeTooLargeError, kafka.errors.RecordListTooLargeError)
_DENIED = kafka.errors.AuthorizationError


class KafkaPublisher:
    """A :class:`pipeline.kafka.ports.Publisher` on a real cluster.

    Connects with the first message. ``on_wait`` is called on each try that a broker did not answer.
    ``connect`` makes a producer; without it, one for the cluster of the settings.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        on_wait: Callable[[], None] = lambda: None,
        connect: Callable[[], Any] | None = None,
    ) -> None:
        self._settings = settings
        self._on_wait = on_wait
        self._connect = connect or partial(_connect, settings)
        self._producer: Any = None
        self._lock = threading.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return when all messages are delivered, however long the broker is gone.

        Raises ConfigurationError when a broker is there and does not let us in or write: waiting
        would not cure that. Then nothing is known of the messages; send them all again.
        """
        refused: list[Message] = []
        remaining = list(messages)
        backoff = 0.5
        while remaining:
            remaining, too_large = await asyncio.to_thread(self._send, remaining)
            refused += too_large
            if remaining:
                self._on_wait()
                OUTAGES.labels("kafka").inc()
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, _MAX_BACKOFF_SECONDS)
        if refused:
            keys = ", ".join((message.key or b"").decode("utf-8", "replace") for message in refused)
            raise Rejected(Reason.TOO_LARGE, f"over the message size limit of Kafka: {keys}")

    async def close(self) -> None:
        """Let go of the connection."""
        await asyncio.to_thread(self._drop, self._producer)

    def _send(self, messages: list[Message]) -> tuple[list[Message], list[Message]]:
        """Try once. Returns the messages to send again, and those that are too large for ever.

        All messages of a key that failed go again, so that they keep their order; what arrives
        twice falls away by its id.
        """
        outcomes = list(zip(messages, self._outcomes(messages), strict=True))
        too_large = [message for message, error in outcomes if isinstance(error, _TOO_LARGE)]
        failed = {
            message.key: error
            for message, error in outcomes
            if error is not None and not isinstance(error, _TOO_LARGE)
        }
        denied = next((e for e in failed.values() if isinstance(e, _DENIED)), None)
        if denied is not None:
            raise failure(self._settings, denied)
        if failed:
            kind = type(next(iter(failed.values()))).__name__
            logger.warning("Kafka did not take messages of %d keys: %s", len(failed), kind)
        return [m for m in messages if m.key in failed and m not in too_large], too_large

    def _outcomes(self, messages: list[Message]) -> list[Exception | None]:
        try:
            producer = self._connected()
        except (ServiceUnavailable, kafka.errors.KafkaError) as error:
            return [error] * len(messages)
        started = _start_all(producer, messages)
        outcomes = [_settled(future) for future in started]
        by_broker = [place for place, error in enumerate(outcomes) if error is not started[place]]
        lost = [place for place in by_broker if outcomes[place] is not None]
        if lost or any(error and not isinstance(error, _TOO_LARGE) for error in outcomes):
            # A producer that lost a batch may hold a broken sequence; a new one starts clean.
            self._drop(producer)
        if len(messages) > 1:
            # Once a broker refused one message for its size, an idempotent producer fails all that
            # follow with the same error: sent alone, each is judged by its own.
            for place in lost:
                if isinstance(outcomes[place], _TOO_LARGE):
                    outcomes[place] = self._outcomes([messages[place]])[0]
        return outcomes

    def _connected(self) -> Any:
        with self._lock:
            if self._producer is None:
                self._producer = self._connect()
            return self._producer

    def _drop(self, producer: Any) -> None:
        """Close ``producer``; a newer one that another call has made meanwhile stays."""
        with self._lock:
            if producer is None or producer is not self._producer:
                return
            self._producer = None
        producer.close(timeout=5)


def _connect(settings: KafkaSettings) -> Any:
    check_access(settings)
    return KafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        # The largest there is, a dead letter; of all else the topics' own limits hold.
        max_request_size=letter_limit(settings.max_message_bytes),
        delivery_timeout_ms=_DELIVERY_TIMEOUT_MS,
        request_timeout_ms=_REQUEST_TIMEOUT_MS,
        max_block_ms=_REQUEST_TIMEOUT_MS,
        bootstrap_timeout_ms=_REQUEST_TIMEOUT_MS,
        allow_auto_create_topics=False,
    )


def _start_all(producer: Any, messages: Sequence[Message]) -> list[Any]:
    """The future of each delivery, or the error that kept it from being queued.

    Where a topic cannot be found each attempt would block for seconds: the first one speaks for
    those after it.
    """
    started: list[Any] = []
    error: Exception | None = None
    for message in messages:
        future = _start(producer, message) if error is None else error
        if isinstance(future, kafka.errors.KafkaError) and not isinstance(future, _TOO_LARGE):
            error = future
        started.append(future)
    return started


def _start(producer: Any, message: Message) -> Any:
    """The future of one delivery, or the error that kept it from being queued."""
    try:
        return producer.send(
            message.topic, key=message.key, value=message.value, headers=list(message.headers)
        )
    except kafka.errors.KafkaError as error:
        return error


def _settled(future: Any) -> Exception | None:
    try:
        if isinstance(future, kafka.errors.KafkaError):
            raise future
        future.get(timeout=_DELIVERY_TIMEOUT_MS / 1000 + 5)
    except kafka.errors.KafkaError as error:
        return cast(Exception, error)
    return None
