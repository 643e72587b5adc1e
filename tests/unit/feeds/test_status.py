"""How each feed is doing."""

from datetime import timedelta

import pytest

from pipeline.feeds.status import Health, feed_statuses, status_of
from pipeline.kafka.ports import Known, NeverPolled
from pipeline.records import FeedState, FeedWork
from tests.fakes.feeds import FEED_URL, MORNING, a_subscription


def a_state(**changes: object) -> FeedState:
    fields: dict[str, object] = {"feed_id": "courier", "url": FEED_URL, "polled_at": MORNING}
    return FeedState(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "health"),
    [
        (NeverPolled(), Health.NEW),
        (a_state(), Health.FINE),
        (a_state(tries={"tag:1": 2}), Health.WAITING),
        (a_state(work=FeedWork(since=MORNING, put_off=2, reason="late")), Health.WAITING),
        (a_state(work=FeedWork(since=MORNING, seconds=9)), Health.FINE),
        (a_state(failures=3, error="status 503", tries={"tag:1": 2}), Health.FAILING),
        (a_state(failures=3, error="status 410", gone=True), Health.GONE),
        (a_state(url="https://courier.example/old.xml", failures=1), Health.NEW),
    ],
)
def test_a_feeds_health_is_told_by_its_state(state: Known, health: Health) -> None:
    assert status_of(a_subscription(), state).health is health


def test_a_status_says_when_how_much_and_why() -> None:
    hour = timedelta(hours=1)
    state = a_state(
        failures=2,
        error="status 503",
        fetched_at=MORNING - hour,
        next_poll_at=MORNING + hour,
        new_per_day=12.5,
    )
    status = status_of(a_subscription(), state)
    assert (status.last_poll, status.last_answer, status.next_poll) == (
        MORNING,
        MORNING - hour,
        MORNING + hour,
    )
    assert (status.new_per_day, status.failures, status.reason) == (12.5, 2, "status 503")


def test_pages_that_were_put_off_are_told_with_their_reason() -> None:
    work = FeedWork(since=MORNING, seconds=612, put_off=14, reason="its documents took 612 s")
    status = status_of(a_subscription(), a_state(work=work))
    assert status.reason == "14 pages are put off: its documents took 612 s"
    assert status.put_off == 14


def test_a_failure_is_the_first_reason() -> None:
    work = FeedWork(since=MORNING, put_off=1, reason="late")
    assert status_of(a_subscription(), a_state(error="status 503", work=work)).reason == (
        "status 503"
    )


def test_no_feed_is_left_out_and_the_worst_come_first() -> None:
    feeds = [a_subscription(id=name) for name in ("b-fine", "a-fine", "new", "bad")]
    states = {
        "a-fine": a_state(),
        "b-fine": a_state(),
        "bad": a_state(failures=1, error="status 500"),
        "unsubscribed": a_state(failures=9),
    }
    assert [status.id for status in feed_statuses(feeds, states)] == [
        "bad",
        "new",
        "a-fine",
        "b-fine",
    ]
