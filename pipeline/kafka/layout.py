"""What a topic is now: partitions are added while the line runs, and topics are made again."""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.errors import ServiceUnavailable


class Layout(msgspec.Struct, frozen=True):
    """``count`` partitions, and the id that the topic got when it was made."""

    count: int
    topic_id: str = ""


UNKNOWN = Layout(1)


def partitions_of(consumer: Any, topic: str) -> list[int]:
    """The numbers of a topic's partitions. Raises ServiceUnavailable where there is no such topic:
    one that the user may not describe looks the same."""
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise ServiceUnavailable(
            f"Kafka shows no topic {topic}; create it with: pipeline setup (where it is there, the "
            f"user lacks DESCRIBE on topic {topic})"
        )
    return sorted(numbers)


def layout_of(consumer: Any, topic: str) -> Layout:
    """As ``consumer`` knows it, which asks again every METADATA_SECONDS.

    Raises ServiceUnavailable where there is no such topic.
    """
    numbers = partitions_of(consumer, topic)
    known = consumer._cluster.topic_id(topic)  # noqa: SLF001  # the client has no word for it
    return Layout(len(numbers), str(known or ""))
