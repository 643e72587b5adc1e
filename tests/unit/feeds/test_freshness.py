"""How long a server asks to be left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from pipeline.feeds.freshness import fresh_for

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DATE = "Sun, 01 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=600"}, 600),
        ({"cache-control": 'public, MAX-AGE="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Age": "500"}, 100),
        ({"Cache-Control": "max-age=600", "Age": "900"}, None),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Sun, 01 Mar 2026 18:00:00 GMT"}, 60),
        ({"Expires": "Sun, 01 Mar 2026 12:30:00 GMT"}, 1800),
        ({"Expires": "Sun, 01 Mar 2026 12:30:00 GMT", "Date": DATE}, 1800),
        ({"Expires": "Sun, 01 Mar 2026 11:30:00 GMT"}, None),
        ({"Expires": "0"}, None),
        ({"Expires": "-1", "Date": "yesterday"}, None),
    ],
)
def test_freshness_is_what_the_headers_say(headers: dict[str, str], seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert fresh_for(CIMultiDict(headers), NOON) == expected


@given(st.dictionaries(st.sampled_from(["Cache-Control", "Expires", "Age", "Date"]), st.text()))
def test_any_headers_give_a_time_ahead_or_nothing(headers: dict[str, str]) -> None:
    fresh = fresh_for(headers, NOON)
    assert fresh is None or fresh > timedelta(0)


@pytest.mark.parametrize("number", ["9" * 10, "9" * 20, "9" * 400])
def test_a_number_of_any_length_is_no_date(number: str) -> None:
    for date in (
        f"Sun, 01 Mar {number} 12:00:00 GMT",
        f"Sun, {number} Mar 2026 12:00:00 GMT",
        f"Sun, 01 Mar 2026 12:00:00 +{number}",
    ):
        assert fresh_for(CIMultiDict({"Expires": date}), NOON) is None
        assert fresh_for(CIMultiDict({"Expires": DATE, "Date": date}), NOON) is None
