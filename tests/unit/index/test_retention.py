"""Which months are dropped."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.retention import expired, oldest_kept

NOW = datetime(2026, 3, 15, tzinfo=UTC)


def test_the_current_month_and_as_many_before_it_as_asked_are_kept() -> None:
    names = ["news-2025.12", "news-2026.01", "news-2026.02", "news-2026.03"]
    assert expired(names, "news", 2, NOW) == ["news-2025.12"]


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert expired(["news-2025.11", "news-2025.12"], "news", 3, NOW) == ["news-2025.11"]


def test_the_oldest_month_that_is_kept_is_named() -> None:
    assert oldest_kept(2, NOW) == "2026.01"
    assert oldest_kept(3, NOW) == "2025.12"
    assert oldest_kept(0, NOW) is None


def test_zero_keeps_everything() -> None:
    assert expired(["news-1999.01"], "news", 0, NOW) == []


def test_names_of_another_form_are_left_alone() -> None:
    names = ["news-old", "news-2020.13", "news-2020.1", "other-2020.01", "news-2020.01-copy"]
    assert expired(names, "news", 1, NOW) == []


def test_an_alias_with_dots_is_taken_by_the_letter() -> None:
    assert expired(["a.b-2020.01", "axb-2020.01"], "a.b", 1, NOW) == ["a.b-2020.01"]


@given(st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)), st.integers(1, 600))  # noqa: DTZ001
def test_the_current_month_is_never_dropped(now: datetime, retain_months: int) -> None:
    assert expired([f"news-{now.year:04}.{now.month:02}"], "news", retain_months, now) == []
