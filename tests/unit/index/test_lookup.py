"""Where an article that was just written may live."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.index.lookup import candidates


def test_in_the_middle_of_a_month_there_is_one_place() -> None:
    assert candidates("news", datetime(2026, 3, 15, tzinfo=UTC)) == ["news-2026.03"]


def test_near_a_change_of_month_there_are_two() -> None:
    before, after = datetime(2026, 3, 31, 23, 59, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    assert candidates("news", before) == ["news-2026.03", "news-2026.04"]
    assert candidates("news", after) == ["news-2026.04", "news-2026.03"]
