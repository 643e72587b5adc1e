"""A station that waits for a fault to be mended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from pipeline.records.article import AwareTime
from pipeline.records.dead_letter import DETAIL_LIMIT, Stage

_FRESH = timedelta(minutes=2)


class HeldStation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A station has taken messages that it neither lets through nor gives up.

    ``place`` is ``topic/partition`` of the first of them, and ``messages`` how many there are.
    ``cause`` is the reason that they share, or ``limit``; ``detail`` what was said of the first,
    and ``remedy`` what to do. Written anew with each try.
    """

    stage: Stage
    place: str
    cause: str
    detail: Annotated[str, msgspec.Meta(max_length=DETAIL_LIMIT)]
    remedy: str
    messages: Annotated[int, msgspec.Meta(ge=1)]
    since: AwareTime
    updated_at: AwareTime

    @property
    def id(self) -> str:
        """One for each partition that stands still."""
        return f"{self.stage}/{self.place}"

    def holds(self, now: datetime) -> bool:
        """Whether it still waits: one that died or went on is no longer heard of."""
        return now - self.updated_at <= _FRESH
