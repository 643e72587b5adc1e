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
from typing import Any, NamedTuple, Self, TypeAlias

import kafka.errors
from kafka import KafkaProducer

from pipeline.background import in_background, in_thread
from pipeline.errors import ConfigurationError, PipelineError, Rejected
from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.letters import letter_limit
from pipeline.kafka.ports import Message
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import to_write
from pipeline.metrics import OUTAGES
from pipeline.records import Reason
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

Outcome: TypeAlias = Exception | None

# For a batch, however many messages it has. What is open then is sent by another producer.
_TRY_SECONDS = 25.0
# Kafka's default is 120 s. Shorter than a try, so that a delivery fails before it is given up.
_DELIVERY_TIMEOUT_MS = 20_000
_BLOCK_MS = 10_000  # for a connection, and for what is known of a topic
_FIRST_BACKOFF_SECONDS = 0.5
_MAX_BACKOFF_SECONDS = 2.0  # a line is to go on within seconds of its broker's return
_CLOSE_SECONDS = 3.0
_TOO_LARGE = (kafka.errors.MessageSizeTooLargeError, kafka.errors.RecordListTooLargeError)
_DENIED = kafka.errors.AuthorizationError


class KafkaPublisher:
    """A :class:`pipeline.kafka.ports.Publisher` on a real cluster.

    Connects with the first message. ``on_wait`` is called on each try that a broker did not answer,
    at the latest after ``try_seconds``. ``connect`` makes a producer; without it, one for the
    cluster of the settings.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        on_wait: Callable[[], None] = lambda: None,
        connect: Callable[[], Any] | None = None,
        *,
        try_seconds: float = _TRY_SECONDS,
    ) -> None:
        self._settings = settings
        self._on_wait = on_wait
        self._connect = connect or partial(_connect, settings)
        self._try_seconds = try_seconds
        self._producer: Any = None
        self._connecting: asyncio.Task[None] | None = None

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
        backoff = _FIRST_BACKOFF_SECONDS
        while remaining:
            tried = self._judged(remaining, await self._try(remaining))
            refused += tried.too_large
            remaining = tried.again
            if remaining:
                self._on_wait()
                OUTAGES.labels("kafka").inc()
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, _MAX_BACKOFF_SECONDS)
        if refused:
            keys = ", ".join((message.key or b"").decode("utf-8", "replace") for message in refused)
            raise Rejected(Reason.TOO_LARGE, f"over the message size limit of Kafka: {keys}")

    async def close(self) -> None:
        """Let go of the connection: within seconds, and whatever it says to that."""
        if self._connecting is not None:
            self._connecting.cancel()
        producer, self._producer = self._producer, None
        if producer is not None:
            closing = asyncio.ensure_future(in_background(partial(_let_go, producer)))
            await asyncio.wait([closing], timeout=_CLOSE_SECONDS + 1)

    def _judged(self, messages: Sequence[Message], outcomes: Sequence[Outcome]) -> _Tried:
        """What is to be sent again, and what is too large for ever.

        All messages of a key that failed go again, so that they keep their order; what arrives
        twice falls away by its id.
        """
        pairs = list(zip(messages, outcomes, strict=True))
        too_large = [message for message, error in pairs if isinstance(error, _TOO_LARGE)]
        failed = {
            message.key: error
            for message, error in pairs
            if error is not None and not isinstance(error, _TOO_LARGE)
        }
        for message, error in pairs:
            if isinstance(error, _DENIED):
                raise failure(self._settings, error, to_write(message.topic))
        if failed:
            why = self._told(next(iter(failed.values())))
            logger.warning("Kafka did not take messages of %d keys: %s", len(failed), why)
        return _Tried([m for m in messages if m.key in failed and m not in too_large], too_large)

    def _told(self, error: Exception) -> str:
        """Kafka's own words may quote what was sent."""
        if isinstance(error, kafka.errors.KafkaStorageError):
            error = failure(self._settings, error)
        return str(error) if isinstance(error, PipelineError) else type(error).__name__

    async def _try(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """What came of each message. One deadline for all of them, and for the connection too; no
        thread waits for deliveries."""
        producer: Any = None
        started: Sequence[Any] = [kafka.errors.KafkaTimeoutError()] * len(messages)
        try:
            async with asyncio.timeout(self._try_seconds):
                producer = await self._connected()
                started = await in_background(partial(_start_all, producer, messages))
                await _all_settled(started)
        except TimeoutError:
            pass  # what is open has failed
        except ConfigurationError:
            raise
        except Exception as error:  # whatever a client may raise: another one is made
            started = [error] * len(messages)
        outcomes = [_outcome(each) for each in started]
        if any(map(_spoils, started, outcomes)):
            # A producer that lost a batch may hold a broken sequence; a new one starts clean.
            self._drop(producer)
        return await self._judged_alone(messages, started, outcomes)

    async def _judged_alone(
        self, messages: Sequence[Message], started: Sequence[Any], outcomes: list[Outcome]
    ) -> Sequence[Outcome]:
        """Once a broker refused one message for its size, an idempotent producer fails all that
        follow with the same error: sent alone, each is judged by its own."""
        if len(messages) > 1:
            for place, error in enumerate(outcomes):
                if isinstance(error, _TOO_LARGE) and error is not started[place]:
                    outcomes[place] = (await self._try([messages[place]]))[0]
        return outcomes

    async def _connected(self) -> Any:
        """The producer, made once for all who wait for it, however long they do."""
        while self._producer is None:
            if self._connecting is None or self._connecting.done():
                self._connecting = asyncio.create_task(self._reconnect())
                self._connecting.add_done_callback(_heard)
            await asyncio.shield(self._connecting)
        return self._producer

    async def _reconnect(self) -> None:
        self._producer = await in_background(self._connect, dispose=_let_go)

    def _drop(self, producer: Any) -> None:
        """Let go of ``producer``; a newer one that another call has made meanwhile stays."""
        if producer is not None and producer is self._producer:
            self._producer = None
            in_thread(partial(_let_go, producer))


class _Tried(NamedTuple):
    again: list[Message]
    too_large: list[Message]


class _Producer(KafkaProducer):  # type: ignore[misc]  # untyped
    def abandon(self, seconds: float) -> None:
        """Send nothing more, fail what is open, and close, within about ``seconds``.

        ``close`` would wait for what is open, and leave its thread behind where that does not
        come: to send in the end, behind what another producer has sent since.
        """
        self._sender.force_close()
        self.close(timeout=seconds)


def _connect(settings: KafkaSettings) -> _Producer:
    check_access(settings)
    return _Producer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        # The largest there is, a dead letter; of all else the topics' own limits hold.
        max_request_size=letter_limit(settings.max_message_bytes),
        delivery_timeout_ms=_DELIVERY_TIMEOUT_MS,
        max_block_ms=_BLOCK_MS,
        bootstrap_timeout_ms=_BLOCK_MS,
        allow_auto_create_topics=False,
    )


def _let_go(producer: Any) -> None:
    try:
        producer.abandon(_CLOSE_SECONDS)
    except Exception as error:  # it is of no use any more, whatever it says
        logger.debug("a producer did not close: %r", error)


def _start_all(producer: Any, messages: Sequence[Message]) -> list[Any]:
    """The future of each delivery, or the error that kept it from being queued.

    Where a topic cannot be found each attempt would block for seconds: the first one speaks for
    those after it.
    """
    started: list[Any] = []
    error: Exception | None = None
    for message in messages:
        future = _start(producer, message) if error is None else error
        if isinstance(future, Exception) and not isinstance(future, _TOO_LARGE):
            error = future
        started.append(future)
    return started


def _start(producer: Any, message: Message) -> Any:
    """The future of one delivery, or the error that kept it from being queued."""
    try:
        return producer.send(
            message.topic, key=message.key, value=message.value, headers=list(message.headers)
        )
    except Exception as error:  # not only of Kafka's kind: sockets and assertions have theirs
        return error


async def _all_settled(started: Sequence[Any]) -> None:
    """Return when each of the deliveries has arrived or failed, as the producer's thread tells."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    futures = [each for each in started if not isinstance(each, Exception)]
    lock, left = threading.Lock(), len(futures)

    def one_more(_: Any) -> None:
        nonlocal left
        with lock:
            left -= 1
            last = left == 0
        if last:
            loop.call_soon_threadsafe(done.set)

    for future in futures:
        future.add_both(one_more)
    if futures:
        await done.wait()


def _outcome(started: Any) -> Outcome:
    if isinstance(started, Exception):
        return started
    failed: Outcome = started.exception if started.is_done else kafka.errors.KafkaTimeoutError()
    return failed


def _spoils(started: Any, outcome: Outcome) -> bool:
    """Whether a producer is of no more use. That a message is too large it may know by itself."""
    known = isinstance(outcome, _TOO_LARGE) and outcome is started
    return outcome is not None and not known


def _heard(connecting: asyncio.Task[None]) -> None:
    """Whoever waited may be gone when it fails; asyncio would complain that nobody asked."""
    if not connecting.cancelled():
        connecting.exception()
