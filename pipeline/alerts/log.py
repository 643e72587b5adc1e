"""The last alerts, and how far each is on its way to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from pipeline.errors import Rejected
from pipeline.kafka.ports import Tail
from pipeline.records import Alert, Channel, Delivery, DeliveryStatus, decode

R = TypeVar("R", bound=msgspec.Struct)


class DeliveryState(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as people want to know it. ``error`` is what came of the last try."""

    channel: Channel
    target: str
    status: DeliveryStatus
    tries: int
    updated_at: datetime
    next_try_at: datetime | None
    error: str | None


class LoggedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert with all its deliveries."""

    alert: Alert
    deliveries: tuple[DeliveryState, ...]


async def read_log(
    alerts: Tail, deliveries: Tail, limit: int, search_id: str | None = None
) -> list[LoggedAlert]:
    """The newest ``limit`` alerts (of one search), the newest first.

    Reads both topics through, and holds no more than twice what is asked for.
    """
    newest: dict[str, Alert] = {}
    async for entries in alerts.catch_up():
        found = (_record(entry.value, Alert) for entry in entries)
        newest |= {a.id: a for a in found if a and search_id in {None, a.search_id}}
        newest = {alert.id: alert for alert in _last(list(newest.values()), limit)}
    states: dict[str, dict[str, Delivery]] = {alert_id: {} for alert_id in newest}
    async for entries in deliveries.catch_up():
        for entry in entries:
            delivery = _record(entry.value, Delivery)
            if delivery is not None and delivery.alert_id in states:
                states[delivery.alert_id][delivery.id] = delivery
    return [
        LoggedAlert(alert=alert, deliveries=tuple(map(_state, states[alert.id].values())))
        for alert in newest.values()
    ]


def _last(alerts: Sequence[Alert], limit: int) -> list[Alert]:
    newest_first = sorted(alerts, key=lambda alert: (alert.indexed_at, alert.id), reverse=True)
    return newest_first[:limit]


def _state(delivery: Delivery) -> DeliveryState:
    return DeliveryState(
        channel=delivery.channel,
        target=delivery.target,
        status=delivery.status,
        tries=delivery.tries,
        updated_at=delivery.updated_at,
        next_try_at=delivery.next_try_at,
        error=delivery.error,
    )


def _record(value: bytes | None, record: type[R]) -> R | None:
    try:
        return decode(value, record)
    except Rejected:
        return None
