"""What may be asked for, and how times are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.request import MAX_CHARS, MAX_LIMIT, SearchRequest, parse_time

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        (" 2w ", timedelta(weeks=2)),
    ],
)
def test_so_long_ago_is_counted_from_now(text: str, ago: timedelta) -> None:
    assert parse_time(text, NOW) == NOW - ago


def test_a_date_alone_is_its_beginning_in_utc() -> None:
    assert parse_time("2026-02-28", NOW) == datetime(2026, 2, 28, tzinfo=UTC)


def test_a_date_as_an_end_includes_its_day() -> None:
    assert parse_time("2026-02-28", NOW, end_of_day=True) == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_time_without_zone_is_utc_and_one_with_a_zone_keeps_it() -> None:
    assert parse_time("2026-02-28T10:00", NOW) == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert parse_time("2026-02-28T10:00+02:00", NOW) == datetime(2026, 2, 28, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d", "7y", "2026-02-30", "3d3"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="24h"):
        parse_time(text, NOW)


@given(st.text())
def test_any_text_is_a_time_with_a_zone_or_refused(text: str) -> None:
    try:
        assert parse_time(text, NOW).tzinfo is not None
    except ValueError as error:
        assert "not a time" in str(error)  # noqa: PT017 (both ends are right)


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_limits_out_of_bounds_are_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        SearchRequest(limit=limit)


@pytest.mark.parametrize("field", ["text", "speaker", "entity", "source"])
def test_texts_without_end_are_refused_by_name(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        SearchRequest(**{field: "x" * (MAX_CHARS + 1)})


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="since"):
        SearchRequest(since=NOW, until=NOW - timedelta(days=1))


def test_the_day_after_the_last_one_is_refused_and_no_crash() -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_time("9999-12-31", NOW, end_of_day=True)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00"])
def test_a_time_outside_the_years_of_utc_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_time(text, NOW)
