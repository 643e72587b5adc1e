"""Commits that say of which topic they are.

Kafka keeps a group's offsets by the name of a topic. So what a worker commits while its topic is
deleted and made again may arrive as an offset of the new one, and what stands before it there would
be passed over for good. Each commit therefore carries the id of the topic that was read, as its
metadata, and a commit with the id of another topic counts as none. One without an id, from an
earlier version, counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport

Committed: TypeAlias = Mapping[Any, OffsetAndMetadata]


def of_topic(committed: Committed, topic_id: str) -> dict[Any, OffsetAndMetadata]:
    """Of what was committed, by partition, what was so by readers of the topic of that id."""
    return {
        partition: offset
        for partition, offset in committed.items()
        if offset.metadata in ("", topic_id)
    }


def marked(offsets: Committed, topic_id: str) -> dict[Any, OffsetAndMetadata]:
    """The same offsets as a reader of the topic of that id commits them."""
    return {
        partition: OffsetAndMetadata(offset.offset, topic_id)
        for partition, offset in offsets.items()
    }


def transport(app: Any, topic_id: str) -> Transport:
    """A transport for a Faust app that reads the topic of that id and no other."""

    class _Thread(AIOKafkaConsumerThread):  # type: ignore[misc]
        async def on_start(self) -> None:
            await super().on_start()
            _mark(self._consumer._coordinator, topic_id)  # noqa: SLF001  # no other way in

    class _Consumer(Consumer):  # type: ignore[misc]
        def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
            return _Thread(self, loop=self.loop, beacon=self.beacon)

    class _Transport(Transport):  # type: ignore[misc]
        Consumer = _Consumer

    return _Transport(app.conf.broker_consumer, app)


def _mark(coordinator: GroupCoordinator, topic_id: str) -> None:
    """Have what a coordinator reads and commits pass through here: it does each in one place."""
    fetch, commit = coordinator._do_fetch_commit_offsets, coordinator._do_commit_offsets  # noqa: SLF001

    async def fetch_ours(partitions: Iterable[Any]) -> dict[Any, OffsetAndMetadata]:
        return of_topic(await fetch(partitions), topic_id)

    async def commit_ours(assignment: Any, offsets: Committed) -> None:
        await commit(assignment, marked(offsets, topic_id))

    coordinator._do_fetch_commit_offsets = fetch_ours  # noqa: SLF001
    coordinator._do_commit_offsets = commit_ours  # noqa: SLF001
