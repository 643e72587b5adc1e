"""A state whose times cannot be right: what a wrong clock wrote must not rule for a year. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.feeds.revisits import GATHERED_FOR, Ages
from pipeline.feeds.schedule import Pace, longest_wait
from pipeline.feeds.sitemap_changes import bare
from pipeline.records import FeedState, SitemapState


def healed(state: FeedState, pace: Pace, ages: Ages, now: datetime) -> FeedState:
    """``state`` as it can be believed at ``now``; itself where nothing is wrong.

    What is to come is no further away than any schedule puts it, and what has been is not to come:
    a poll in the future counts as one of now, and the wait after it is counted from now.
    """
    return replace(
        state,
        polled_at=min(state.polled_at, now),
        fetched_at=_past(state.fetched_at, now),
        full_fetch_at=_past(state.full_fetch_at, now),
        first_poll_at=_past(state.first_poll_at, now),
        next_poll_at=_next_poll(state, pace, now),
        next_revisit_at=_within(state.next_revisit_at, now, max((*ages, GATHERED_FOR))),
        sitemaps=_sitemaps(state, now),
    )


def _next_poll(state: FeedState, pace: Pace, now: datetime) -> datetime | None:
    due = state.next_poll_at
    if due is not None and state.polled_at > now:
        due = now + max(due - state.polled_at, timedelta(0))
    return _within(due, now, longest_wait(pace, gone=state.gone))


def _past(time: datetime | None, now: datetime) -> datetime | None:
    return None if time is None else min(time, now)


def _within(time: datetime | None, now: datetime, longest: timedelta) -> datetime | None:
    """Compared as a wait: ``now + longest`` may be a date that no calendar has."""
    if time is None or time - now <= longest:
        return time
    return now + longest


def _sitemaps(state: FeedState, now: datetime) -> dict[str, SitemapState]:
    read = state.sitemaps.items()
    ahead = {url: each for url, each in read if each.read_at is not None and each.read_at > now}
    return state.sitemaps | bare(ahead)
