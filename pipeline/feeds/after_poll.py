"""What a poll leaves behind: the state that is saved, with the time of the next one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.feeds.decide import entry_key
from pipeline.feeds.fetch import Fetched, FetchFailed
from pipeline.feeds.parsed import Entry, ParsedFeed
from pipeline.feeds.redaction import is_kept_as, kept_url
from pipeline.feeds.schedule import (
    Pace,
    estimated_rate,
    next_poll,
    outside_skips,
    parse_retry_after,
    rate_of_document,
)
from pipeline.feeds.sitemap_changes import bare
from pipeline.feeds.subscriptions import Subscription
from pipeline.kafka.ports import Known, Unreadable
from pipeline.records import FeedState
from pipeline.settings import FeedSettings

FULL_FETCH_EVERY = timedelta(days=7)
_GONE = 410
_ERROR_LIMIT = 300


def pace_of(subscription: Subscription, settings: FeedSettings) -> Pace:
    """How often a feed may be polled: as its subscription says, else as the settings do."""
    if subscription.poll_interval_seconds is not None:
        return Pace.fixed(timedelta(seconds=subscription.poll_interval_seconds))
    return Pace(
        first=timedelta(seconds=settings.first_interval_seconds),
        floor=timedelta(seconds=settings.shortest_interval_seconds),
        ceiling=timedelta(seconds=settings.longest_interval_seconds),
    )


def begin(subscription: Subscription, known: Known, now: datetime) -> FeedState:
    """The state to start from. A feed that moved keeps what was seen, not what its server said."""
    if not isinstance(known, FeedState):
        return FeedState(
            feed_id=subscription.id,
            url=kept_url(subscription.url),
            polled_at=now,
            forgotten=isinstance(known, Unreadable),
        )
    state = replace(known, polled_at=now, url=kept_url(subscription.url))
    if is_kept_as(subscription.url, known.url):
        return state
    return replace(
        without_validators(state),
        fresh_seconds=None,
        skip_hours=(),
        skip_days=(),
        gone=False,
        work=None,
    )


def without_validators(state: FeedState) -> FeedState:
    """So that the next poll gets the whole document, whatever the server thinks we have."""
    return replace(
        state, etag=None, last_modified=None, body_sha256=None, sitemaps=bare(state.sitemaps)
    )


def is_full_fetch_due(state: FeedState) -> bool:
    """Whether to ask without validators: some servers answer 304 for ever."""
    known = state.full_fetch_at
    return known is None or state.polled_at - known >= FULL_FETCH_EVERY


def fully_fetched(state: FeedState) -> FeedState:
    """The state of a poll that asks for all of it."""
    return replace(state, full_fetch_at=state.polled_at, sitemaps=bare(state.sitemaps))


def rest_of(answer: Fetched, feed: ParsedFeed) -> timedelta | None:
    """How long to leave a feed alone: what its server and the feed itself ask for, the longest."""
    wishes = [
        answer.fresh_for,
        timedelta(minutes=feed.ttl_minutes) if feed.ttl_minutes else None,
        timedelta(seconds=feed.update_seconds) if feed.update_seconds else None,
    ]
    return max((wish for wish in wishes if wish), default=None)


def answered(state: FeedState, fresh_for: timedelta | None, new: int = 0) -> FeedState:
    """The state after a poll that got an answer, with ``new`` entries in it."""
    rate = state.new_per_day
    if state.fetched_at is not None:
        rate = estimated_rate(rate, new, state.polled_at - state.fetched_at)
    return replace(
        state,
        fetched_at=state.polled_at,
        new_per_day=rate,
        fresh_seconds=fresh_for.total_seconds() if fresh_for else None,
        failures=0,
        error=None,
        gone=False,
    )


def with_skips(state: FeedState, feed: ParsedFeed) -> FeedState:
    """With the hours and days in which the feed does not want to be read."""
    return replace(state, skip_hours=feed.skip_hours, skip_days=feed.skip_days)


def first_rate(state: FeedState, entries: Iterable[Entry]) -> FeedState:
    """With what the document's own times tell of how much appears, where nothing else does."""
    if state.new_per_day is not None:
        return state
    published = [entry.published for entry in entries if entry.published is not None]
    return replace(state, new_per_day=rate_of_document(published, state.polled_at))


def new_entries(state: FeedState, entries: Iterable[Entry]) -> int:
    """How many entries of a document were never seen before."""
    return sum(entry_key(entry) not in state.seen for entry in entries)


def failed(state: FeedState, error: str, status: int | None = None) -> FeedState:
    """The state after a poll that came to nothing; what is known of the feed stays."""
    return replace(
        state,
        failures=state.failures + 1,
        error=error[:_ERROR_LIMIT],
        gone=state.gone or status == _GONE,
    )


def scheduled(
    state: FeedState, pace: Pace, chance: float, retry_after: timedelta | None = None
) -> FeedState:
    """With the time of the next poll: in no hour the feed skips, unless its interval was set."""
    # Cut here already: a number that is no time at all may stand in a state.
    most = pace.ceiling.total_seconds()
    fresh = timedelta(seconds=min(max(state.fresh_seconds or 0.0, 0.0), most))
    due = next_poll(
        state.polled_at,
        pace=pace,
        chance=chance,
        new_per_day=state.new_per_day,
        failures=state.failures,
        gone=state.gone,
        fresh_for=fresh,
        retry_after=retry_after,
    )
    return replace(state, next_poll_at=due if pace.is_fixed else awake(state, due))


def awake(state: FeedState, due: datetime) -> datetime:
    """``due``, or later, when the feed may be read again."""
    return outside_skips(due, state.skip_hours, state.skip_days)


def wish(failure: FetchFailed, now: datetime) -> timedelta | None:
    """When the server that answered so wants to be asked again."""
    return parse_retry_after(failure.retry_after, now)
