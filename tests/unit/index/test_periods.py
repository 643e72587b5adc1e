"""Which articles share an index."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.periods import FIRST_MONTHLY, PATTERN, last_month, period_of
from pipeline.index.retention import expired

TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_years_that_are_long_past_have_one_index_and_months_their_own() -> None:
    assert period_of(datetime(2003, 7, 1, tzinfo=UTC)) == "2003"
    assert period_of(datetime(FIRST_MONTHLY, 1, 1, tzinfo=UTC)) == f"{FIRST_MONTHLY}.01"
    east = timezone(timedelta(hours=9))
    assert period_of(datetime(FIRST_MONTHLY, 1, 1, 3, tzinfo=east)) == f"{FIRST_MONTHLY - 1}"


@given(TIMES)
def test_a_time_lies_in_its_period(time: datetime) -> None:
    period = period_of(time)
    assert re.fullmatch(PATTERN, period)
    assert period[:4] == f"{time.year:04}"
    assert last_month(period) >= f"{time.year:04}.{time.month:02}"


def test_fifty_years_of_archives_are_few_indices() -> None:
    months = [
        datetime(year, month, 1, tzinfo=UTC) for year in range(2000, 2027) for month in range(1, 13)
    ]
    assert len({period_of(each) for each in months}) == FIRST_MONTHLY - 2000 + 24


def test_a_year_is_dropped_with_its_last_month() -> None:
    names = ["news-2019", "news-2020", "news-2020.03", "news-2021.02"]
    at = datetime(2021, 1, 15, tzinfo=UTC)
    assert expired(names, "news", 1, at) == ["news-2019", "news-2020.03"]
    assert expired(names, "news", 1, datetime(2021, 2, 1, tzinfo=UTC)) == [
        "news-2019", "news-2020", "news-2020.03",
    ]  # fmt: skip
