"""What a first poll leaves out: a feed may list years of a site. Pure.

What is left out is remembered like everything else, so that the polls after it do not bring it.
That the first poll was is recorded in the state, together with what it left out: one that is cut
short has passed the past over, and goes on with the rest, and with what appeared since.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime, timedelta

import msgspec

from pipeline.feeds.articles import entry_article_id
from pipeline.feeds.decide import Decision, Version, entry_key
from pipeline.feeds.parsed import Entry
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import FeedState, SeenEntry
from pipeline.settings import FeedSettings


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a first poll is taken: entries up to ``max_age``, and ``max_undated`` of those
    that do not say how old they are; None for all of them."""

    max_age: timedelta
    max_undated: int | None


def leave_out_past(
    decision: Decision,
    subscription: Subscription,
    state: FeedState,
    settings: FeedSettings,
    first_read: Container[str] = (),
) -> tuple[Decision, dict[str, SeenEntry]]:
    """``decision`` without what a first poll is not to fetch, and what to remember of that.

    ``state`` is that before the poll's entries were looked at; ``first_read`` has the ids of the
    entries of an index whose sitemaps were not followed before. Of a feed whose state could not be
    read all entries without a time are taken: each may be news as well as not.
    """
    limits = limits_of(subscription, settings)
    if limits is None:
        return decision, {}
    if state.forgotten:
        limits = msgspec.structs.replace(limits, max_undated=None)
    first = [
        each
        for each in decision.due
        if is_first(state)
        or (each.entry.id in first_read and entry_key(each.entry) not in state.seen)
    ]
    past = past_of(first, limits, state.polled_at)
    left_out = {each.key for each in past}
    due = tuple(each for each in decision.due if each.key not in left_out)
    return msgspec.structs.replace(decision, due=due), _remembered(subscription, past, state)


def limits_of(subscription: Subscription, settings: FeedSettings) -> Limits | None:
    """What its subscription says, else the settings; None where everything is wanted."""
    days = subscription.first_poll_max_age_days
    days = settings.first_poll_max_age_days if days is None else days
    if not days:
        return None
    return Limits(max_age=timedelta(days=days), max_undated=settings.first_poll_max_undated)


def is_first(state: FeedState) -> bool:
    """Whether nothing that a feed lists was looked at before: a state says when it was."""
    return state.first_poll_at is None


def begun(state: FeedState) -> FeedState:
    """After the entries of a document were looked at: what is not known of it by now is news."""
    first = state.first_poll_at or state.polled_at
    return msgspec.structs.replace(state, first_poll_at=first, forgotten=False)


def with_first_poll(state: FeedState) -> FeedState:
    """A state that was written before it said when the first poll was: one that shows an answer,
    or what was in it, has had it."""
    if state.turn or not (state.seen or state.tries or state.fetched_at):
        return state
    return msgspec.structs.replace(state, first_poll_at=state.fetched_at or state.polled_at)


def past_of(due: Sequence[Version], limits: Limits, now: datetime) -> list[Version]:
    """Those of ``due`` that are left out.

    Of entries without a time the first that the feed lists are taken, which come last.
    """
    oldest = now - limits.max_age
    undated = [each for each in due if _time(each.entry) is None]
    old = [each for each in due if (_time(each.entry) or oldest) < oldest]
    taken = len(undated) if limits.max_undated is None else limits.max_undated
    return [*undated[: max(0, len(undated) - taken)], *old]


def _remembered(
    subscription: Subscription, past: Sequence[Version], state: FeedState
) -> dict[str, SeenEntry]:
    return {
        each.key: SeenEntry(
            article_id=entry_article_id(subscription, each.entry),
            entry_sha256=each.sha256,
            first_seen_at=state.polled_at,
        )
        for each in past
    }


def _time(entry: Entry) -> datetime | None:
    """When it was changed last."""
    times = [time for time in (entry.published, entry.updated) if time is not None]
    return max(times, default=None)
