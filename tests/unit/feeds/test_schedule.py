from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.schedule import LONGEST_WAIT, next_poll, parse_retry_after

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def wait(**changes: object) -> timedelta:
    arguments = {"interval": QUARTER, "failures": 0, "chance": 0.5} | changes
    return next_poll(NOON, **arguments) - NOON  # type: ignore[arg-type]


def test_a_feed_that_works_is_polled_at_its_interval() -> None:
    assert wait() == QUARTER


def test_each_failure_doubles_the_wait_up_to_a_day() -> None:
    assert [wait(failures=n) / QUARTER for n in range(4)] == [1, 2, 4, 8]
    assert wait(failures=1_000_000) == LONGEST_WAIT


def test_an_interval_beyond_a_day_is_kept() -> None:
    assert wait(interval=timedelta(days=3), failures=2) == timedelta(days=3)


@given(st.floats(0, 1), st.integers(0, 40))
def test_chance_moves_a_poll_by_a_tenth_at_most(chance: float, failures: int) -> None:
    even = wait(failures=failures)
    assert even * 0.899 <= wait(failures=failures, chance=chance) <= even * 1.101


def test_the_servers_wish_is_honoured_up_to_a_day() -> None:
    assert wait(retry_after=timedelta(hours=3)) == timedelta(hours=3)
    assert wait(retry_after=timedelta(seconds=1)) == QUARTER
    assert wait(retry_after=timedelta(days=400)) == LONGEST_WAIT


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
