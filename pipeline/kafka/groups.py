"""The stations of the line that read from Kafka, and their consumer groups."""

from __future__ import annotations

from enum import StrEnum

from pipeline.settings import KafkaSettings, TopicSettings


class Role(StrEnum):
    """A station that is a consumer group of its own."""

    ENRICH = "enrich"
    INDEX = "index"


def group_name(settings: KafkaSettings, role: Role) -> str:
    """The consumer group of a station."""
    return f"{settings.group_prefix}-{role}"


def source_topic(topics: TopicSettings, role: Role) -> str:
    """The topic a station reads."""
    return {Role.ENRICH: topics.articles, Role.INDEX: topics.enriched}[role]
