"""Counts become shapes that fit into their picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.facets import Period, Timeline
from pipeline.search.places import PlaceCount
from pipeline.web.pages.charts import HEIGHT, MAP_WIDTH, WIDTH, circles, columns

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=120))
def test_columns_stand_within_the_chart_and_are_as_high_as_their_counts(counts: list[int]) -> None:
    periods = tuple(Period(DAY + timedelta(days=n), count) for n, count in enumerate(counts))
    found = columns(Timeline("day", periods))
    assert (found == []) == (max(counts) == 0)
    for column, count in zip(found, counts, strict=False):
        assert 0 <= column.x <= column.x + column.width <= WIDTH + 0.1
        assert 0 <= column.y <= HEIGHT
        assert abs(column.height - HEIGHT * count / max(counts)) <= 0.06


def test_a_column_leads_to_its_period_and_the_last_one_has_no_end() -> None:
    periods = (Period(DAY, 2), Period(DAY + timedelta(days=1), 1))
    first, last = columns(Timeline("day", periods))
    assert (first.since, first.until) == ("2026-03-01T00:00Z", "2026-03-02T00:00Z")
    assert (last.since, last.until) == ("2026-03-02T00:00Z", "")
    assert first.label == "01 Mar 2026"


def test_the_fullest_circle_is_the_largest_and_lies_below_the_others() -> None:
    places = [PlaceCount("1/0/0", 10, -170, 1), PlaceCount("1/1/0", 50, 8, 100)]
    first, second = circles(places)
    assert (first.articles, first.cell) == (100, "1/1/0")
    assert first.radius > second.radius > 0
    assert 0 <= second.x <= MAP_WIDTH


def test_nothing_is_no_circle() -> None:
    assert circles([]) == []
