from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.dates import first_time, parse_time

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1971, 1, 2), datetime(2099, 12, 30), timezones=ZONES)  # noqa: DTZ001


@given(TIMES)
def test_an_iso_time_is_read_as_it_was_written(time: datetime) -> None:
    assert parse_time(time.isoformat()) == time


@given(TIMES)
def test_a_mail_time_is_read_to_the_second(time: datetime) -> None:
    written = time.strftime("%a, %d %b %Y %H:%M:%S %z")
    assert parse_time(written) == time.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01 14:05:00", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("March 1, 2026 2:05 PM", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("1 Mar 2026", datetime(2026, 3, 1, tzinfo=UTC)),
        (" 2026-03-01T14:05:00Z\n", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
    ],
)
def test_looser_forms_are_read_in_utc(text: str, time: datetime) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    "text",
    ["", None, "today", "14:05", "March 2026", "2026", "0001-01-01", "2226-01-01", "2026-02-30",
     "1" * 64, "9" * 1_000_000, "2026-03-01T14:05:00+99:99"],
)  # fmt: skip
def test_what_names_no_day_of_our_time_is_none(text: str | None) -> None:
    assert parse_time(text) is None


@given(st.text(max_size=70))
def test_any_text_is_a_time_with_a_zone_or_none(text: str) -> None:
    time = parse_time(text)
    assert time is None or time.tzinfo is not None


def test_a_time_without_a_zone_gets_that_of_the_same_time_elsewhere() -> None:
    said = ["", "2026-03-02 20:59:59.0", "02.03.2026", "2026-03-02T20:59:59+02:00"]
    time = first_time(said)
    assert time is not None
    assert time.isoformat() == "2026-03-02T20:59:59+02:00"


def test_another_time_lends_no_zone() -> None:
    assert first_time(["2026-03-02 20:59", "2026-03-02T21:30+02:00"]) == datetime(
        2026, 3, 2, 20, 59, tzinfo=UTC
    )
