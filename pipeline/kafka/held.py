"""Which stations say that they wait."""

from __future__ import annotations

from datetime import datetime

from pipeline.kafka.compacted import read_newest
from pipeline.kafka.states import HELD_STATIONS
from pipeline.records import HeldStation
from pipeline.settings import KafkaSettings


def read_held(settings: KafkaSettings, topic: str, now: datetime) -> list[HeldStation]:
    """Those that wait ``now``, the longest first.

    Blocks. Raises ServiceUnavailable when Kafka is gone or has no such topic.
    """
    found = read_newest(settings, topic, HELD_STATIONS).values()
    return sorted((each for each in found if each.holds(now)), key=lambda each: each.since)
