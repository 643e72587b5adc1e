"""Alerts on their way to the ledger: each that is not there yet, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.alerts.known import Ledger
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.metrics import ALERTS
from pipeline.records import Alert, encode
from pipeline.telemetry.trace import TraceContext


class NewAlerts:
    """Publishes to ``topic``, which ``ledger`` reads. To be used within a tenure's decision."""

    def __init__(self, ledger: Ledger, publisher: Publisher, topic: str) -> None:
        self._ledger = ledger
        self._publisher = publisher
        self._topic = topic

    async def publish(
        self, found: Sequence[Alert], traces: Mapping[str, TraceContext] | None = None
    ) -> None:
        """Return when all that were not told before are delivered; ``traces`` are by article."""
        new = await self._ledger.unknown(found) if found else []
        known = traces or {}
        await self._publisher.publish(
            [_message(each, self._topic, known.get(each.article_id)) for each in new]
        )
        for alert in new:
            if alert.event == "found":
                ALERTS.labels(alert.about).inc()


def _message(alert: Alert, topic: str, trace: TraceContext | None) -> Message:
    return Message(
        topic=topic,
        key=alert.article_id.encode(),
        value=encode(alert),
        headers=cloud_event(
            event_id=alert.id, event_type=topic, time=alert.indexed_at, trace=trace
        ),
    )
