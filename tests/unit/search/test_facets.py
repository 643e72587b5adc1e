"""Counts over time become periods that fit on a page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index import templates
from pipeline.search.facets import (
    ARTICLE_FACETS,
    STATEMENT_FACETS,
    TIMELINE_LIMIT,
    Breakdown,
    aggregations,
    timeline_of,
)

moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    st.lists(st.tuples(moments, st.integers(1, 9)), max_size=30), st.sampled_from(["hour", "day"])
)
def test_no_count_is_lost_and_periods_follow_one_another(counts: Any, shortest: Any) -> None:
    counts.sort()
    timeline = timeline_of(counts, shortest)
    starts = [period.start for period in timeline.periods]
    assert sum(period.count for period in timeline.periods) == sum(count for _, count in counts)
    assert starts == sorted(set(starts))
    assert len(starts) <= TIMELINE_LIMIT + 1 or timeline.unit == "year"
    if counts:
        assert starts[0] <= counts[0][0]
        assert starts[-1] <= counts[-1][0]


@pytest.mark.parametrize(
    ("days", "unit"), [(0, "day"), (100, "day"), (300, "week"), (1_500, "month"), (9_000, "year")]
)
def test_the_longer_the_time_the_longer_the_periods(days: int, unit: str) -> None:
    first = datetime(2000, 1, 5, tzinfo=UTC)
    last = datetime.fromtimestamp(first.timestamp() + days * 86_400, UTC)
    assert timeline_of([(first, 1), (last, 1)]).unit == unit


@pytest.mark.parametrize(
    ("known", "mapped"),
    [(ARTICLE_FACETS, templates.ARTICLES), (STATEMENT_FACETS, templates.STATEMENTS)],
)
def test_facets_are_of_fields_that_can_be_counted(known: Any, mapped: templates.Mappings) -> None:
    assert {mapped[field]["type"] for field in known.values()} == {"keyword"}


def test_a_facet_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="no facet colour; there are source"):
        aggregations(Breakdown(("colour",)), ARTICLE_FACETS)
