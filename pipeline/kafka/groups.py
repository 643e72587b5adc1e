"""The stations of the line that read from Kafka, and their consumer groups."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from pipeline.settings import KafkaSettings, TopicSettings


class Role(StrEnum):
    """A station that is a consumer group of its own."""

    ENRICH = "enrich"
    INDEX = "index"
    ALERT = "alert"


def group_name(settings: KafkaSettings, role: Role) -> str:
    """The consumer group of a station."""
    return f"{settings.group_prefix}-{role}"


class Source(NamedTuple):
    """A topic, and the consumer group in which a station reads it."""

    group: str
    topic: str


def sources(kafka: KafkaSettings, topics: TopicSettings, role: Role) -> tuple[Source, ...]:
    """What a station reads: live news before archives, notices before the alerts made of them.

    A group for each topic: members of one group with different subscriptions would be given
    partitions of topics they do not read.
    """
    group = group_name(kafka, role)
    if role is Role.INDEX:
        return (Source(group, topics.enriched),)
    if role is Role.ALERT:
        return Source(group, topics.indexed), Source(f"{group}-deliver", topics.alerts)
    return Source(group, topics.articles), Source(f"{group}-backfill", topics.backfill)
