"""One alert on its way to one destination."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from pipeline.records.alert import Alert
from pipeline.records.article import ArticleId, AwareTime
from pipeline.records.saved_search import SearchId

MAX_ERROR_CHARS = 200


class Channel(StrEnum):
    """How an alert travels."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class DeliveryStatus(StrEnum):
    """How far a delivery is. All but the first are final."""

    PENDING = "pending"  # to be tried at ``next_try_at``
    DELIVERED = "delivered"  # the destination took it
    GIVEN_UP = "given-up"  # it did not, for good: a dead letter
    WITHDRAWN = "withdrawn"  # the search or the destination is no longer there, or said 410


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The state of delivering an alert to one destination, kept under ``id``.

    ``target`` is a URL or an e-mail address. ``partition`` is the one that the alert was read from:
    whoever reads it delivers. ``tries`` were made so far, and ``error`` is what came of the last,
    where it failed. ``alert`` is carried while it is pending.
    """

    id: str
    alert_id: ArticleId
    search_id: SearchId
    channel: Channel
    target: str
    partition: Annotated[int, msgspec.Meta(ge=0)]
    status: DeliveryStatus
    planned_at: AwareTime
    updated_at: AwareTime
    next_try_at: AwareTime | None = None
    tries: Annotated[int, msgspec.Meta(ge=0)] = 0
    error: Annotated[str, msgspec.Meta(max_length=MAX_ERROR_CHARS)] | None = None
    alert: Alert | None = None

    @property
    def pending(self) -> bool:
        """Whether there is something left to do."""
        return self.status is DeliveryStatus.PENDING

    def __post_init__(self) -> None:
        if self.pending and (self.alert is None or self.next_try_at is None):
            raise ValueError("a pending delivery has its alert and the time of its next try")
