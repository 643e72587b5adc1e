"""Times that cannot be right are not believed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.feeds.after_poll import scheduled
from pipeline.feeds.healing import healed
from pipeline.feeds.schedule import Pace, longest_wait
from pipeline.records import FeedState, SitemapState
from tests.fakes.feeds import FEED_URL, MORNING
from tests.fakes.kafka import FakeFeedShare
from tests.unit.feeds.test_consumer import Watch, consumer, following
from tests.unit.feeds.test_poll import Line

DAY = timedelta(days=1)
PACE = Pace(first=DAY / 96, floor=DAY / 288, ceiling=DAY / 24)
AGES = (timedelta(hours=1), timedelta(hours=24))
STATE = FeedState(feed_id="courier", url=FEED_URL, polled_at=MORNING)

seconds = st.integers(60, 90 * 86_400).map(lambda each: timedelta(seconds=each))
paces = seconds.map(Pace.fixed) | st.tuples(seconds, seconds, seconds).map(
    lambda each: Pace(first=each[0], floor=min(each[1:]), ceiling=max(each[1:]))
)
states = st.builds(
    lambda **fields: replace(STATE, **fields),
    failures=st.integers(0, 50),
    gone=st.booleans(),
    new_per_day=st.none() | st.floats(0, 1e6),
    fresh_seconds=st.none() | st.floats(0, 1e9),
    skip_hours=st.sets(st.integers(0, 23)).map(tuple),
    skip_days=st.sets(st.integers(0, 6)).map(tuple),
)
wishes = st.none() | st.timedeltas(timedelta(0), 400 * DAY)
instants = st.timedeltas(-2_000 * 365 * DAY, 7_900 * 365 * DAY).map(lambda each: MORNING + each)


@given(states, paces, st.floats(0, 1), wishes)
def test_whatever_the_schedule_says_is_believed(
    state: FeedState, pace: Pace, chance: float, retry_after: timedelta | None
) -> None:
    after = scheduled(state, pace, chance, retry_after)
    assert healed(after, pace, AGES, MORNING) == after


@given(st.none() | instants, st.none() | instants, instants, paces, st.booleans())
def test_no_feed_sleeps_longer_than_any_schedule_lets_it(
    next_poll_at: datetime | None,
    next_revisit_at: datetime | None,
    polled_at: datetime,
    pace: Pace,
    gone: bool,
) -> None:
    state = replace(
        STATE,
        gone=gone,
        polled_at=polled_at,
        fetched_at=polled_at,
        next_poll_at=next_poll_at,
        next_revisit_at=next_revisit_at,
    )
    after = healed(state, pace, AGES, MORNING)
    assert after.polled_at <= MORNING
    assert after.fetched_at is not None
    assert after.fetched_at <= MORNING
    if after.next_poll_at is not None:
        assert after.next_poll_at <= MORNING + longest_wait(pace, gone=gone)
    if after.next_revisit_at is not None:
        assert after.next_revisit_at <= MORNING + AGES[-1]
    assert healed(after, pace, AGES, MORNING) == after


def test_a_wait_that_was_counted_from_a_wrong_clock_is_counted_from_now() -> None:
    later = MORNING + 400 * DAY
    state = replace(STATE, polled_at=later, next_poll_at=later + timedelta(minutes=15))
    assert healed(state, PACE, AGES, MORNING).next_poll_at == MORNING + timedelta(minutes=15)


def test_a_sitemap_that_was_read_in_the_future_is_read_again() -> None:
    ahead = SitemapState(etag="1", read_at=MORNING + DAY)
    past = SitemapState(etag="2", read_at=MORNING - DAY)
    state = replace(STATE, sitemaps={"a": ahead, "b": past})
    assert healed(state, PACE, AGES, MORNING).sitemaps == {"a": SitemapState(), "b": past}


async def test_a_feed_whose_next_poll_is_years_away_is_told_of_and_polled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line, watch = Line(), Watch()
    wrong = MORNING + 400 * DAY
    line.states.states["courier"] = replace(STATE, polled_at=wrong, next_poll_at=wrong, turn=1)
    async with following(consumer(line, watch=watch), FakeFeedShare(line.states).gives(0)):
        await watch.until(1)
    assert "feed courier: its state has times that cannot be" in caplog.text
