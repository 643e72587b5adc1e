"""The last alerts with their deliveries, out of topics that may hold anything."""

from __future__ import annotations

from datetime import timedelta

from pipeline.alerts.log import read_log
from pipeline.alerts.plan import Failed, Taken, after, planned
from pipeline.kafka.ports import Message
from pipeline.records import Alert, DeliveryStatus, encode
from pipeline.settings import load
from tests.fakes.alerts import a_search, an_alert
from tests.fakes.kafka import FakePublisher, FakeTail
from tests.fakes.records import NOW

SETTINGS = load().alerts


def told() -> FakePublisher:
    """Five alerts, a minute apart; the first three are tried, the third with success."""
    publisher = FakePublisher()
    for number in range(1, 6):
        alert = an_alert(
            number,
            indexed_at=NOW + timedelta(minutes=number),
            search_id="lind" if number < 5 else "other",
        )
        publisher.sent.append(Message(topic="alerts", key=b"k", value=encode(alert)))
        _deliver(publisher, alert, number)
    publisher.sent.append(Message(topic="alerts", key=b"k", value=b"{"))
    publisher.sent.append(Message(topic="deliveries", key=b"k", value=None))
    return publisher


def _deliver(publisher: FakePublisher, alert: Alert, number: int) -> None:
    (state,) = planned(alert, a_search(), 0, NOW)
    states = [state]
    if number <= 3:
        attempt = Taken() if number == 3 else Failed("status 500")
        states.append(after(state, attempt, NOW, 0.0, SETTINGS))
    publisher.sent += [
        Message(topic="deliveries", key=each.id.encode(), value=encode(each)) for each in states
    ]


async def logged(limit: int, search: str | None = None) -> list[tuple[int, DeliveryStatus, int]]:
    publisher = told()
    tails = FakeTail(publisher, "alerts"), FakeTail(publisher, "deliveries")
    found = await read_log(*tails, limit, search)
    return [
        (int(each.alert.article_id, 16), state.status, state.tries)
        for each in found
        for state in each.deliveries
    ]


async def test_the_newest_come_first_with_the_last_state_of_each_delivery() -> None:
    pending, delivered = DeliveryStatus.PENDING, DeliveryStatus.DELIVERED
    assert await logged(10) == [
        (5, pending, 0), (4, pending, 0), (3, delivered, 1), (2, pending, 1), (1, pending, 1),
    ]  # fmt: skip
    assert await logged(2) == [(5, pending, 0), (4, pending, 0)]
    assert await logged(2, "lind") == [(4, pending, 0), (3, delivered, 1)]
