"""What a poll leaves behind."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.feeds.after_poll import begin, new_entries, pace_of, rest_of, scheduled
from pipeline.feeds.fetch import Fetched
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.schedule import Pace
from pipeline.records import FeedState, SeenEntry
from tests.fakes.feeds import FEED_URL, MORNING, a_subscription, an_entry, feed_settings

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("fresh_for", "feed", "rest"),
    [
        (None, ParsedFeed(), None),
        (HOUR, ParsedFeed(), HOUR),
        (None, ParsedFeed(ttl_minutes=60), HOUR),
        (None, ParsedFeed(update_seconds=3600.0), HOUR),
        (HOUR, ParsedFeed(ttl_minutes=90, update_seconds=60.0), 1.5 * HOUR),
    ],
)
def test_a_feed_is_left_alone_for_the_longest_that_is_asked(
    fresh_for: timedelta | None, feed: ParsedFeed, rest: timedelta | None
) -> None:
    assert rest_of(Fetched(url=FEED_URL, body=b"", fresh_for=fresh_for), feed) == rest


def test_a_subscription_with_an_interval_is_polled_at_it_and_at_nothing_else() -> None:
    settings = feed_settings().feeds
    assert pace_of(a_subscription(poll_interval_seconds=60), settings) == Pace.fixed(HOUR / 60)
    pace = pace_of(a_subscription(), settings)
    assert pace.floor.total_seconds() == settings.shortest_interval_seconds
    assert pace.ceiling.total_seconds() == settings.longest_interval_seconds


def test_an_entry_that_changed_is_not_new() -> None:
    seen = SeenEntry(article_id="a" * 32, entry_sha256="b" * 64, first_seen_at=MORNING)
    state = FeedState(feed_id="courier", url=FEED_URL, polled_at=MORNING, seen={"tag:1": seen})
    assert new_entries(state, [an_entry(1), an_entry(2)]) == 1


def test_a_feed_is_not_polled_in_hours_it_skips_unless_its_interval_was_set() -> None:
    night = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    state = FeedState(feed_id="courier", url=FEED_URL, polled_at=night, skip_hours=(2, 3, 4))
    settings = feed_settings().feeds
    free = scheduled(state, pace_of(a_subscription(), settings), 0.5)
    assert free.next_poll_at is not None
    assert free.next_poll_at.hour == 5
    often = a_subscription(poll_interval_seconds=60)
    assert scheduled(state, pace_of(often, settings), 0.5).next_poll_at == night + HOUR / 60


def test_what_a_feed_skips_at_another_address_is_forgotten() -> None:
    state = FeedState(
        feed_id="courier", url="https://old.example/", polled_at=MORNING, skip_days=(6,)
    )
    assert begin(a_subscription(), state, MORNING).skip_days == ()


@pytest.mark.parametrize("seconds", [1e308, -1e308, 1e15])
def test_a_rest_that_is_no_time_at_all_is_the_longest_or_none(seconds: float) -> None:
    state = FeedState(feed_id="courier", url=FEED_URL, polled_at=MORNING, fresh_seconds=seconds)
    pace = pace_of(a_subscription(), feed_settings().feeds)
    due = scheduled(state, pace, 0.5).next_poll_at
    assert due is not None
    assert MORNING < due <= MORNING + pace.ceiling
