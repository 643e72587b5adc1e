"""How the line is doing, for people and programs: what the pages and the API show of it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from pipeline.feeds.status import FeedStatus
from pipeline.records import HeldStation


class Station(msgspec.Struct, frozen=True):
    """A station and how many messages it has not committed yet."""

    name: str
    waiting: int


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter without its payload."""

    stage: str
    reason: str
    detail: str
    failed_at: datetime


class LineHealth(msgspec.Struct, frozen=True, kw_only=True):
    """``dead_letters`` counts those that are kept, ``letters`` are the newest, newest first.
    ``held`` are the stations that wait for a fault to be mended."""

    stations: tuple[Station, ...]
    dead_letters: int
    letters: tuple[Letter, ...]
    held: tuple[HeldStation, ...] = ()


class Health(Protocol):
    """Asks Kafka. Both raise ServiceUnavailable when it does not answer."""

    async def feeds(self) -> list[FeedStatus]:
        """Every feed, the worst first."""
        ...

    async def line(self) -> LineHealth:
        """The stations and what they could not read."""
        ...
