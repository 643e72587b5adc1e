from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.schedule import (
    EXPECTED_NEW,
    GONE_WAIT,
    LONGEST_WAIT,
    Pace,
    estimated_rate,
    next_poll,
    outside_skips,
    parse_retry_after,
    rate_of_document,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
FIXED = Pace.fixed(QUARTER)
PACE = Pace(first=QUARTER, floor=timedelta(minutes=5), ceiling=timedelta(hours=6))
rates = st.floats(0, 1e9) | st.none()
HOUR = timedelta(hours=1)
times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hours, days = st.sets(st.integers(0, 23)), st.sets(st.integers(0, 6))


def wait(**changes: object) -> timedelta:
    arguments = {"pace": FIXED, "failures": 0, "chance": 0.5} | changes
    return next_poll(NOON, **arguments) - NOON  # type: ignore[arg-type]


def test_a_feed_with_an_interval_of_its_own_is_polled_at_it() -> None:
    assert wait() == wait(new_per_day=1_000.0) == wait(new_per_day=0.0) == QUARTER


def test_a_feed_nothing_is_known_of_is_polled_at_the_first_interval() -> None:
    assert wait(pace=PACE) == QUARTER


@pytest.mark.parametrize(
    ("new_per_day", "expected"),
    [
        (0.0, timedelta(hours=6)),
        (1.0, timedelta(hours=6)),
        (6.0, timedelta(hours=2)),
        (24.0, timedelta(minutes=30)),
        (144.0, timedelta(minutes=5)),
        (1e9, timedelta(minutes=5)),
    ],
)
def test_the_livelier_a_feed_the_more_often_it_is_polled(
    new_per_day: float, expected: timedelta
) -> None:
    assert wait(pace=PACE, new_per_day=new_per_day) == expected


@given(rates)
def test_the_interval_stays_between_floor_and_ceiling(new_per_day: float | None) -> None:
    assert PACE.floor <= PACE.interval(new_per_day) <= PACE.ceiling


@given(st.floats(1, 100), st.floats(1, 100))
def test_more_news_never_means_a_longer_wait(one: float, other: float) -> None:
    quiet, lively = sorted((one, other))
    assert PACE.interval(lively) <= PACE.interval(quiet)


def test_each_failure_doubles_the_wait_up_to_a_day() -> None:
    assert [wait(failures=n) / QUARTER for n in range(4)] == [1, 2, 4, 8]
    assert wait(failures=1_000_000) == LONGEST_WAIT


@pytest.mark.parametrize(
    ("due", "skipped_hours", "skipped_days", "moved"),
    [
        ("2026-03-01T12:20", (), (), "2026-03-01T12:20"),
        ("2026-03-01T12:20", (0, 1, 2), (), "2026-03-01T12:20"),
        ("2026-03-01T01:20", (0, 1, 2), (), "2026-03-01T03:05"),
        ("2026-03-01T22:40", (22, 23, 0), (), "2026-03-02T01:10"),
        ("2026-03-01T12:20", (), (6,), "2026-03-02T00:05"),
        ("2026-02-28T12:20", (0, 1, 2), (5, 6), "2026-03-02T03:05"),
        ("2026-03-01T12:20", tuple(range(24)), (), "2026-03-01T12:20"),
        ("2026-03-01T12:20", (), tuple(range(7)), "2026-03-01T12:20"),
    ],
)
def test_a_poll_waits_until_the_feed_may_be_read(
    due: str, skipped_hours: tuple[int, ...], skipped_days: tuple[int, ...], moved: str
) -> None:
    found = outside_skips(datetime.fromisoformat(f"{due}Z"), skipped_hours, skipped_days)
    assert found == datetime.fromisoformat(f"{moved}Z")


def test_skipped_hours_are_those_of_utc() -> None:
    due = datetime(2026, 3, 1, 5, 20, tzinfo=timezone(4 * HOUR))  # 01:20 in UTC
    assert outside_skips(due, {1}, ()) == datetime(2026, 3, 1, 2, 5, tzinfo=UTC)


@given(times, hours, days)
def test_a_poll_is_never_early_nor_in_a_skipped_hour_nor_a_week_late(
    due: datetime, hours: set[int], days: set[int]
) -> None:
    moved = outside_skips(due, hours, days)
    assert timedelta(0) <= moved - due < 7 * DAY
    everything = len(hours) == 24 or len(days) == 7
    assert moved == due if everything else (moved.hour not in hours and moved.weekday() not in days)


@given(times, st.integers(0, 3_599), st.integers(0, 3_599))
def test_polls_that_wake_at_the_same_hour_do_not_begin_together(
    due: datetime, one: int, other: int
) -> None:
    hour = due.replace(minute=0, second=0, microsecond=0)
    seconds = (timedelta(seconds=each) for each in sorted((one, other)))
    first, second = (outside_skips(hour + each, {due.hour}, ()) for each in seconds)
    assert second - first == timedelta(seconds=abs(one - other)) / 4


def test_an_interval_beyond_a_day_is_kept() -> None:
    assert wait(pace=Pace.fixed(timedelta(days=3)), failures=2) == timedelta(days=3)


def test_a_feed_that_is_gone_is_looked_for_once_a_week() -> None:
    assert wait(gone=True) == wait(gone=True, failures=30) == GONE_WAIT


@given(st.floats(0, 1), st.integers(0, 40))
def test_chance_moves_a_poll_by_a_tenth_at_most(chance: float, failures: int) -> None:
    even = wait(failures=failures)
    assert even * 0.899 <= wait(failures=failures, chance=chance) <= even * 1.101


def test_a_wish_for_rest_is_honoured_up_to_the_ceiling() -> None:
    lively = {"pace": PACE, "new_per_day": 1_000.0}
    assert wait(**lively, fresh_for=timedelta(hours=1)) == timedelta(hours=1)
    assert wait(**lively, fresh_for=timedelta(days=300)) == PACE.ceiling
    assert wait(**lively, fresh_for=timedelta(seconds=1)) == PACE.floor


def test_the_servers_retry_after_is_honoured_up_to_a_day() -> None:
    assert wait(retry_after=timedelta(hours=3)) == timedelta(hours=3)
    assert wait(retry_after=timedelta(seconds=1)) == QUARTER
    assert wait(retry_after=timedelta(days=400)) == LONGEST_WAIT


@given(rates, st.integers(0, 10_000), st.floats(1, 1e7))
def test_an_estimate_lies_between_what_was_known_and_what_came(
    before: float | None, new: int, seconds: float
) -> None:
    elapsed = timedelta(seconds=seconds)
    seen = new / (elapsed / DAY)
    estimate = estimated_rate(before, new, elapsed)
    assert estimate is not None
    low, high = sorted((seen, seen if before is None else before))
    rounding = high * 1e-9
    assert low - rounding <= estimate <= high + rounding


def test_an_estimate_settles_at_the_rate_and_forgets_within_days() -> None:
    rate: float | None = 100.0
    for _ in range(24 * 14):
        rate = estimated_rate(rate, 1, timedelta(hours=1))
    assert rate == pytest.approx(24, rel=0.01)


def test_a_poll_that_covers_no_time_teaches_nothing() -> None:
    assert estimated_rate(3.0, 5, timedelta(0)) == 3.0
    assert estimated_rate(None, 5, -DAY) is None


def test_a_document_tells_how_much_appears_from_its_oldest_entry_until_now() -> None:
    hours = [NOON - timedelta(hours=n) for n in range(1, 13)]
    assert rate_of_document(hours, NOON) == pytest.approx(24)
    assert rate_of_document([NOON - timedelta(days=10)], NOON) == pytest.approx(0.1)
    assert rate_of_document([NOON + DAY], NOON) is None
    assert rate_of_document([], NOON) is None


def test_half_an_entry_is_expected_between_two_polls() -> None:
    per_day = 30.0
    assert PACE.interval(per_day) / DAY * per_day == pytest.approx(EXPECTED_NEW)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("9" * 5_000, 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert parse_retry_after(header, NOON) == expected


@pytest.mark.parametrize("number", ["9" * 10, "9" * 20, "9" * 400])
def test_a_retry_after_beyond_any_calendar_is_none(number: str) -> None:
    assert parse_retry_after(f"Sun, 01 Mar {number} 12:00:00 GMT", NOON) is None
    assert parse_retry_after(f"Sun, 01 Mar 2026 12:00:00 +{number}", NOON) is None
