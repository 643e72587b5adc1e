"""A poll that failed, of a feed that has some pages to wait for."""

from __future__ import annotations

from datetime import timedelta

from pipeline.feeds.poll import PollOutcome
from pipeline.records import FeedState
from tests.fakes.records import NOW

STATE = FeedState(
    feed_id="courier",
    url="https://courier.example/rss",
    polled_at=NOW,
    tries={"a": 1},
    failures=2,
    error="status 503",
    new_per_day=4.5,
    next_poll_at=NOW + timedelta(hours=1),
)
POLLED = PollOutcome(feed_id="courier", outcome="failed", state=STATE, published=3)
