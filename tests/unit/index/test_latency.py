"""How long an article took: from a believable date, and for news only."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.latency import LIVE, latencies
from tests.fakes.records import NOW, an_article

LATER = NOW + timedelta(seconds=5)


def test_news_is_measured_from_publication_and_from_first_sight() -> None:
    article = an_article(published_at=NOW - timedelta(minutes=2))
    assert latencies(article, LATER) == {"published": 125.0, "seen": 5.0}


def test_without_a_date_only_the_time_since_first_sight_is_known() -> None:
    assert latencies(an_article(), LATER) == {"seen": 5.0}


def test_a_date_far_ahead_is_not_believed() -> None:
    article = an_article(published_at=NOW + timedelta(days=9))
    assert latencies(article, LATER) == {"seen": 5.0}


def test_a_clock_that_is_a_little_ahead_makes_no_negative_time() -> None:
    article = an_article(published_at=NOW + timedelta(hours=1))
    assert latencies(article, LATER)["published"] == 0.0


def test_a_correction_is_not_measured() -> None:
    article = an_article(fetched_at=NOW + timedelta(hours=2), revision=2)
    assert latencies(article, NOW + timedelta(hours=2)) == {}


def test_archives_are_not_measured() -> None:
    assert latencies(an_article(published_at=NOW), NOW + LIVE + timedelta(seconds=1)) == {}


@given(st.timedeltas(-timedelta(days=90), timedelta(days=90)))
def test_what_is_measured_is_never_negative_and_never_older_than_live_news(
    since: timedelta,
) -> None:
    found = latencies(an_article(published_at=NOW - since), LATER)
    assert all(0.0 <= seconds <= LIVE.total_seconds() for seconds in found.values())
