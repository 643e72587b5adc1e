"""A Faust app with one agent, in the one shape that loses nothing.

- ``noack_take`` and acknowledging by hand, in order, after the handler: a plain ``async for`` and
  ``take`` acknowledge in a ``finally``, so that an exception commits the messages that failed.
- ``concurrency=1`` and nothing skipped: acknowledging around a gap commits past it (faust issue
  606).
- ``CrashingSupervisor``: the default one restarts an agent without seeking back, and the next
  acknowledgement jumps over what failed. The process dies instead and is started again.
- raw serializers: bytes that a serializer cannot decode are acknowledged before the agent sees
  them.
- no tables, replies, sinks or topics of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import faust
import faust.streams
from mode import CrashingSupervisor

from pipeline.agents.batch import Handler, RawMessage
from pipeline.agents.commits import transport
from pipeline.agents.tenure import TenureEnded
from pipeline.errors import ConfigurationError
from pipeline.kafka.connection import METADATA_SECONDS, bootstrap_servers, sasl_login, tls_context
from pipeline.settings import KafkaSettings, WorkerSettings

# The aiokafka client never rejoins a group it left for polling too slowly (aiokafka issue 1187);
# the watchdog finds a worker that is stuck.
_MAX_POLL_INTERVAL_SECONDS = 7 * 24 * 3600.0
_COMMIT_INTERVAL_SECONDS = 0.5
_BUFFERED_MESSAGES = 128


class _App(faust.App):  # type: ignore[misc]
    async def on_first_start(self) -> None:
        """Make no folders: Faust's own are for tables, and stand in the working directory."""


class Owner(Protocol):
    """Who has work that goes with the partitions of the topic."""

    def owns(self, partitions: frozenset[int]) -> None:
        """These and no others are this worker's from now on."""

    async def lets_go(self) -> None:
        """None is, until told otherwise; the next worker gets them when this returns."""


def build_app(
    *,
    kafka: KafkaSettings,
    workers: WorkerSettings,
    group: str,
    topic: str,
    batch_size: int,
    batch_wait_seconds: float,
    handler: Handler,
    on_batch: Callable[[], None],
    topic_id: str,
    owners: Sequence[Owner] = (),
) -> faust.App:
    """An app whose only agent reads ``topic`` in consumer group ``group`` and feeds ``handler``.

    ``topic_id`` is that of the topic, as Kafka gave it.

    ``on_batch`` is called after each batch that was acknowledged. ``owners`` hear which partitions
    are this worker's; the handler of an app that has some may raise TenureEnded.
    """
    if faust.streams._CStreamIterator is None:  # noqa: SLF001
        raise ConfigurationError(
            "Faust lacks its compiled stream iterator; install from a wheel: make clean run"
        )
    app = _App(
        group,
        broker=[f"kafka://{server}" for server in bootstrap_servers(kafka)],
        broker_credentials=_credentials(kafka),
        broker_commit_interval=_COMMIT_INTERVAL_SECONDS,
        broker_max_poll_interval=_MAX_POLL_INTERVAL_SECONDS,
        broker_session_timeout=workers.session_timeout_seconds,
        broker_heartbeat_interval=workers.session_timeout_seconds / 4,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=kafka.max_message_bytes,
        consumer_metadata_max_age_ms=int(METADATA_SECONDS * 1000),
        key_serializer="raw",
        value_serializer="raw",
        stream_buffer_maxsize=_BUFFERED_MESSAGES,
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    app.transport = transport(app, topic_id)
    source = app.topic(topic, key_serializer="raw", value_serializer="raw")

    async def take_batches(stream: Any) -> None:
        async for events in stream.noack().noack_take(batch_size, within=batch_wait_seconds):
            if owners:
                # What was read before the partitions were shared out is read again, by whoever has
                # them now: acknowledged here as well, it would be passed over there.
                now = app.consumer_generation_id
                events = [each for each in events if each.message.generation_id == now]  # noqa: PLW2901
            try:
                await handler([_raw(event.message) for event in events])
            except TenureEnded:
                continue
            for event in events:
                await stream.ack(event)
            on_batch()

    app.agent(source, concurrency=1, supervisor_strategy=CrashingSupervisor)(take_batches)
    _tell(app, owners)
    return app


def _tell(app: faust.App, owners: Sequence[Owner]) -> None:
    def assigned(_: Any, partitions: Any, **__: Any) -> None:
        for owner in owners:
            owner.owns(frozenset(each.partition for each in partitions))

    async def revoked(_: Any, __: Any, **___: Any) -> None:
        for owner in owners:
            await owner.lets_go()

    app.on_partitions_assigned.connect(assigned)
    app.on_partitions_revoked.connect(revoked)


def _raw(message: Any) -> RawMessage:
    return RawMessage(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        headers=tuple(message.headers or ()),
    )


def _credentials(kafka: KafkaSettings) -> Any:
    login, context = sasl_login(kafka), tls_context(kafka)
    if login is not None:
        mechanism, username, password = login
        return faust.SASLCredentials(
            username=username, password=password, mechanism=mechanism, ssl_context=context
        )
    return faust.SSLCredentials(context) if context is not None else None
