"""What a first poll leaves out: a feed may list years of a site. Pure.

What is left out is remembered like everything else, so that the polls after it do not bring it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from pipeline.feeds.articles import entry_article_id
from pipeline.feeds.decide import Decision, Version
from pipeline.feeds.parsed import Entry
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import FeedState, SeenEntry
from pipeline.settings import FeedSettings


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a first poll is taken: entries up to ``max_age``, and ``max_undated`` of those
    that do not say how old they are."""

    max_age: timedelta
    max_undated: int


def leave_out_past(
    decision: Decision, subscription: Subscription, state: FeedState, settings: FeedSettings
) -> tuple[Decision, dict[str, SeenEntry]]:
    """``decision`` without what its first poll is not to fetch, and what to remember of that.

    ``state`` is that before the poll's entries were looked at.
    """
    limits = limits_of(subscription, settings)
    if limits is None or not is_first(state):
        return decision, {}
    kept = without_past(decision, limits, state.polled_at)
    return kept, _remembered(subscription, decision, kept, state.polled_at)


def limits_of(subscription: Subscription, settings: FeedSettings) -> Limits | None:
    """What its subscription says, else the settings; None where everything is wanted."""
    days = subscription.first_poll_max_age_days
    days = settings.first_poll_max_age_days if days is None else days
    if not days:
        return None
    return Limits(max_age=timedelta(days=days), max_undated=settings.first_poll_max_undated)


def is_first(state: FeedState) -> bool:
    """Whether nothing that a feed lists was looked at before."""
    return not state.seen and not state.tries


def without_past(decision: Decision, limits: Limits, now: datetime) -> Decision:
    """``decision`` with less due; the order stays.

    Of entries without a time, the first that the feed lists are taken.
    """
    left_out = {each.key for each in _undated(decision.due)[: -limits.max_undated]}
    oldest = now - limits.max_age
    due = [
        each
        for each in decision.due
        if each.key not in left_out and (_time(each.entry) or oldest) >= oldest
    ]
    return msgspec.structs.replace(decision, due=tuple(due))


def _remembered(
    subscription: Subscription, before: Decision, kept: Decision, now: datetime
) -> dict[str, SeenEntry]:
    due = {each.key for each in kept.due}
    return {
        each.key: SeenEntry(
            article_id=entry_article_id(subscription, each.entry),
            entry_sha256=each.sha256,
            first_seen_at=now,
        )
        for each in before.due
        if each.key not in due
    }


def _undated(due: Sequence[Version]) -> list[Version]:
    return [each for each in due if _time(each.entry) is None]


def _time(entry: Entry) -> datetime | None:
    """When it was changed last."""
    times = [time for time in (entry.published, entry.updated) if time is not None]
    return max(times, default=None)
