"""The feeds shared out by Kafka: a consumer group on the topic of their states.

A feed belongs to the consumer that is assigned the partition its id falls into. Who takes feeds
over reads all that is stored of them first, so that it goes on where the last one stopped.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from typing import TypeAlias

import kafka.errors
from kafka import KafkaConsumer

from pipeline.background import in_background
from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.kafka.compacted import Reading
from pipeline.kafka.connection import client_options, failure
from pipeline.kafka.feed_member import SESSION_SECONDS, FeedMember, partition_of
from pipeline.kafka.feed_tenure import FeedTenure
from pipeline.kafka.ports import Publisher, Share
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import to_read
from pipeline.metrics import OUTAGES
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 2.0
_LEAVE_SECONDS = 5.0
_SESSION_MS = int(SESSION_SECONDS * 1000)

Emit: TypeAlias = Callable[[Share | Exception], None]


class KafkaFeedShare:
    """A :class:`pipeline.kafka.ports.FeedShare` on a real cluster; ``publisher`` writes states.

    ``on_pass`` is called, in a thread, again and again while it takes part or waits an outage out.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        group: str,
        publisher: Publisher,
        on_pass: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._on_pass = on_pass
        self._topic = topic
        self._group = group
        self._publisher = publisher

    async def shares(self) -> AsyncIterator[Share]:
        """What this consumer shares in, anew each time it changes.

        Raises ConfigurationError when the cluster does not let us in.
        """
        loop, stop = asyncio.get_running_loop(), threading.Event()
        changes: asyncio.Queue[Share | Exception] = asyncio.Queue()

        def emit(change: Share | Exception) -> None:
            loop.call_soon_threadsafe(changes.put_nowait, change)

        member = threading.Thread(target=self._take_part, args=(emit, stop), daemon=True)
        member.start()
        try:
            while True:
                change = await changes.get()
                if isinstance(change, Exception):
                    raise change
                yield change
        finally:
            stop.set()
            leaving = asyncio.ensure_future(in_background(member.join))
            await asyncio.wait([leaving], timeout=_LEAVE_SECONDS)

    def _take_part(self, emit: Emit, stop: threading.Event) -> None:
        tenure = FeedTenure(self._publisher, self._topic)
        while not stop.is_set():
            try:
                check_access(self._settings)
                with closing(self._consumer()) as consumer:
                    read_topic = partial(Reading, self._settings, self._topic)
                    member = FeedMember(consumer, self._topic, tenure, emit, read_topic)
                    member.run(stop, self._on_pass)
            except kafka.errors.KafkaError as error:
                lacks = f"{to_read(self._topic)}, and on group {self._group},"
                self._wait_out(failure(self._settings, error, lacks), tenure, emit, stop)
            except (ServiceUnavailable, ConfigurationError) as error:
                self._wait_out(error, tenure, emit, stop)
            except Exception as error:  # the loop must hear of it, whatever it is
                emit(error)
                return

    def _wait_out(
        self, error: Exception, tenure: FeedTenure, emit: Emit, stop: threading.Event
    ) -> None:
        if isinstance(error, ConfigurationError):
            emit(error)
            stop.set()
            return
        OUTAGES.labels("kafka").inc()
        self._on_pass()
        logger.warning("no share of the feeds, trying again: %s", error)
        # By now they may be another's.
        emit(Share(partitions=frozenset(), partition=partial(partition_of, 1), writer=tenure))
        stop.wait(_RETRY_SECONDS)

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            **client_options(self._settings),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_SESSION_MS // 4,
        )
