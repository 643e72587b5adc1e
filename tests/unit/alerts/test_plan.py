"""What becomes of a delivery, try by try."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline import settings
from pipeline.alerts.plan import (
    Failed,
    Taken,
    after,
    ended,
    newer,
    planned,
    retry_after,
    wanted,
    without,
)
from pipeline.records import Channel, Delivery, DeliveryStatus, Webhook, decode, encode
from tests.fakes.alerts import SECRET, URL, a_search, an_alert
from tests.fakes.records import NOW

SETTINGS = settings.load().alerts
SPAN = timedelta(hours=SETTINGS.give_up_hours)
FAILED = Failed("status 500")


def a_delivery(**changes: object) -> Delivery:
    (delivery,) = planned(an_alert(), a_search(), 3, NOW)
    return replace(delivery, **changes)


def test_an_alert_goes_to_each_destination_of_its_search_once() -> None:
    hooks = [Webhook(url=f"https://desk.example/{n}", secret=SECRET) for n in (1, 2)]
    gone = Webhook(url="https://gone.example", secret=SECRET, gone_at=NOW)
    search = a_search(webhooks=(*hooks, hooks[0], gone), emails=("ada@courier.example",))
    found = planned(an_alert(), search, 3, NOW)
    assert [(each.channel, each.target) for each in found] == [
        (Channel.WEBHOOK, hooks[0].url),
        (Channel.WEBHOOK, hooks[1].url),
        (Channel.EMAIL, "ada@courier.example"),
    ]
    assert len({each.id for each in found}) == 3
    assert all(each.pending and each.partition == 3 for each in found)
    assert found == planned(an_alert(), search, 3, NOW)


def test_without_its_search_an_alert_goes_nowhere() -> None:
    assert planned(an_alert(), None, 0, NOW) == []
    assert not wanted(a_delivery(), None)


def test_what_is_taken_is_delivered_and_lets_go_of_its_alert() -> None:
    done = after(a_delivery(), Taken(), NOW, 0.5, SETTINGS)
    assert (done.status, done.tries, done.alert) == (DeliveryStatus.DELIVERED, 1, None)
    assert decode(encode(done), Delivery) == done


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_failures_are_tried_again_until_the_span_is_over_and_not_beyond(
    jitters: list[float],
) -> None:
    delivery = a_delivery()
    for jitter in jitters:
        if not delivery.pending:
            break
        assert delivery.next_try_at is not None
        now = delivery.next_try_at
        delivery = after(delivery, FAILED, now, jitter, SETTINGS)
        if delivery.pending:
            assert delivery.next_try_at is not None
            assert now < delivery.next_try_at <= NOW + SPAN
    if not delivery.pending:
        assert delivery.status is DeliveryStatus.GIVEN_UP
        assert delivery.updated_at == NOW + SPAN
        assert delivery.error == "status 500"


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_double_up_to_the_longest_with_half_of_them_left_to_chance(
    tries: int, jitter: float
) -> None:
    wait = retry_after(tries, jitter, SETTINGS).total_seconds()
    full = (
        min(SETTINGS.first_retry_seconds * 2.0 ** (tries - 1), SETTINGS.longest_retry_seconds)
        if tries < 100
        else SETTINGS.longest_retry_seconds
    )
    assert full / 2 <= wait + 1e-6
    assert wait <= full + 1e-6


def test_a_destination_is_left_alone_for_as_long_as_it_asks() -> None:
    asked = Failed("status 503", wait=timedelta(hours=1))
    assert after(a_delivery(), asked, NOW, 0.0, SETTINGS).next_try_at == NOW + timedelta(hours=1)


def test_what_can_never_arrive_is_given_up_at_once() -> None:
    refused = after(a_delivery(), Failed("550", permanent=True), NOW, 0.0, SETTINGS)
    assert (refused.status, refused.error) == (DeliveryStatus.GIVEN_UP, "550")


def test_a_webhook_that_is_gone_is_switched_off() -> None:
    gone = after(a_delivery(), Failed("status 410", gone=True), NOW, 0.0, SETTINGS)
    assert gone.status is DeliveryStatus.WITHDRAWN
    off = without(a_search(), URL, NOW)
    assert off.webhooks[0].gone_at == NOW
    assert not wanted(a_delivery(), off)
    assert planned(an_alert(), off, 0, NOW) == []


def test_a_final_state_holds_whatever_is_read_after_it() -> None:
    pending, tried = a_delivery(), after(a_delivery(), FAILED, NOW, 0.0, SETTINGS)
    done = ended(pending, DeliveryStatus.DELIVERED, NOW)
    for one, other, holds in ((pending, tried, tried), (pending, done, done), (done, tried, done)):
        assert newer(one, other) == newer(other, one) == holds
