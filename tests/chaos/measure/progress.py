"""How far the stations are, sampled around the proxies by one thread."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec

from pipeline.kafka.connection import client_options
from pipeline.kafka.groups import Role, Source, sources
from pipeline.settings import Settings

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 0.4
_TIMEOUT_MS = 4_000


class Station(msgspec.Struct, frozen=True):
    """The sum of a station's committed offsets, and how many messages it has not committed."""

    committed: int
    behind: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """All stations at one moment of the monotonic clock."""

    at: float
    stations: Mapping[str, Station]

    @property
    def behind(self) -> int:
        """Messages in the line."""
        return sum(each.behind for each in self.stations.values())


NOTHING = Sample(at=0.0, stations={})


def station_sources(settings: Settings) -> dict[str, Source]:
    """What each station reads, by the names that `pipeline status` uses."""
    enrich, backfill, index, alert, deliver = (
        source for role in Role for source in sources(settings.kafka, settings.topics, role)
    )
    return {
        "enrich": enrich,
        "backfill": backfill,
        "index": index,
        "alert": alert,
        "deliver": deliver,
    }


class Progress:
    """``with Progress(settings) as progress``: ``progress.last`` is the newest sample. While Kafka
    does not answer it stays the same."""

    def __init__(self, settings: Settings) -> None:
        self.last = NOTHING
        self._settings = settings
        self._sources = station_sources(settings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)
        self._client: Any = None

    def __enter__(self) -> Self:
        # Here, so that a client that cannot be made at all is no broker in trouble.
        self._client = self._connect()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._disconnect()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                self.last = self._sample()
            except Exception as error:
                # A broker in trouble, or a topic that is gone for now, makes the client raise
                # nearly anything; a thread that ended would look like a line that stands still.
                logger.info("no sample: %s", type(error).__name__)
                self._disconnect()

    def _sample(self) -> Sample:
        if self._client is None:
            self._client = self._connect()
        commits = {
            group: self._client.list_group_offsets(group)[group]
            for group in {each.group for each in self._sources.values()}
        }
        ends = self._ends()
        stations = {
            name: _station(commits[source.group], ends, source.topic)
            for name, source in self._sources.items()
        }
        return Sample(at=time.monotonic(), stations=stations)

    def _connect(self) -> KafkaAdminClient:
        options = client_options(self._settings.kafka) | {"request_timeout_ms": _TIMEOUT_MS}
        return KafkaAdminClient(**options, bootstrap_timeout_ms=_TIMEOUT_MS)

    def _ends(self) -> dict[TopicPartition, int]:
        topics = [each.topic for each in self._sources.values()]
        wanted = {
            TopicPartition(each["name"], partition["partition_index"]): OffsetSpec.LATEST
            for each in self._client.describe_topics(topics)
            for partition in each["partitions"]
        }
        found = self._client.list_partition_offsets(wanted)
        return {partition: found[partition].offset for partition in wanted}

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # as above
                client.close()


def _station(commits: Any, ends: Mapping[TopicPartition, int], topic: str) -> Station:
    """A partition without a commit counts from 0: nothing is deleted while this runs."""
    of_topic = {partition: end for partition, end in ends.items() if partition.topic == topic}
    done = {
        partition: max(0, commits[partition].offset) if partition in commits else 0
        for partition in of_topic
    }
    behind = sum(max(0, end - done[partition]) for partition, end in of_topic.items())
    return Station(sum(done.values()), behind)
