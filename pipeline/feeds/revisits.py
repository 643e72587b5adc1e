"""When the page of a known article is looked at again. Pure: time is an argument.

Newsrooms correct a page and leave its entry in the feed as it is, so that the entry tells nothing.
An article whose text came from its page is therefore visited again at a few ages, counted from
first sight, while its entry stands in the feed. Visits that were missed become one.

The feed's own polls carry the visits: they need its whole entries. A visit waits for the next
regular poll, which is never moved forward for it; a poll with a visit due asks for the whole feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from pipeline.feeds.decide import Version
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import FeedState, SeenEntry, SeenPage
from pipeline.settings import FeedSettings

# In one poll: at half a second between two pages of a host, the feed's next news waits 5 s for
# them, and in polls of every 5 minutes there is room for 2,880 visits a day.
REVISIT_LIMIT = 10
# Visits are gathered for so long before a feed is fetched whole for them alone. With two visits for
# each entry, hardly a poll of a busy feed would be answered with 304 any more.
GATHERED_FOR = timedelta(minutes=30)

Ages: TypeAlias = tuple[timedelta, ...]
"""Ages of an article at which its page is visited again, in ascending order; empty for none."""


class Revisit(msgspec.Struct, frozen=True, kw_only=True):
    """A page to visit again: that of ``version``, last found to be ``page``."""

    version: Version
    seen: SeenEntry
    page: SeenPage


def ages_of(subscription: Subscription, settings: FeedSettings) -> Ages:
    """As the subscription says, else as the settings do."""
    own = subscription.revisit_hours
    hours = settings.revisit_hours if own is None else own
    return tuple(timedelta(hours=each) for each in sorted(set(hours)))


def passed(ages: Ages, first_seen_at: datetime, now: datetime) -> int:
    """How many of the ages an article has reached."""
    return sum(first_seen_at + age <= now for age in ages)


def is_due(seen: SeenEntry, ages: Ages, now: datetime) -> bool:
    """Whether an article reached an age at which its page was not visited."""
    page = seen.page
    return page is not None and page.revisits < passed(ages, seen.first_seen_at, now)


def is_any_due(state: FeedState) -> bool:
    """Whether this poll has pages to visit again: it needs the whole feed, changed or not."""
    return state.next_revisit_at is not None and state.next_revisit_at <= state.polled_at


def choose(
    standing: Sequence[Version], seen: Mapping[str, SeenEntry], ages: Ages, now: datetime
) -> list[Revisit]:
    """The visits of one poll, among known entries, which are given oldest first.

    The newest articles come first: they are corrected most, and where a feed brings more than there
    is time for, the visits that fall away are those that tell least. One for each article, by its
    newest entry.
    """
    chosen: dict[str, Revisit] = {}
    for version in reversed(standing):
        entry = seen[version.key]
        if entry.page is not None and is_due(entry, ages, now):
            revisit = Revisit(version=version, seen=entry, page=entry.page)
            chosen.setdefault(entry.article_id, revisit)
    newest = sorted(chosen.values(), key=lambda each: each.seen.first_seen_at, reverse=True)
    return newest[:REVISIT_LIMIT]


def caught_up(
    seen: Mapping[str, SeenEntry], latest: Mapping[str, SeenEntry], ages: Ages, now: datetime
) -> dict[str, SeenEntry]:
    """``seen``, with the visits that were made through another entry or feed, by ``latest``."""
    return {
        key: _with_visit_of(entry, latest, ages, now) if is_due(entry, ages, now) else entry
        for key, entry in seen.items()
    }


def visited(page: SeenPage, ages: Ages, first_seen_at: datetime, now: datetime) -> SeenPage | None:
    """``page`` after a visit; None where pages are not visited again."""
    if not ages:
        return None
    reached = passed(ages, first_seen_at, now)
    if reached == len(ages):
        return SeenPage(revisits=reached)
    return replace(page, revisits=reached)


def next_revisit(current: Iterable[SeenEntry], ages: Ages, now: datetime) -> datetime | None:
    """When a poll is to have visits again, by the entries that stand in the feed; None without."""
    times = [
        each.first_seen_at + ages[each.page.revisits]
        for each in current
        if each.page is not None and each.page.revisits < len(ages)
    ]
    first = min(times, default=None)
    if first is None or first <= now:  # what was left over is for the very next poll
        return first
    return max(first, now + GATHERED_FOR)


def _with_visit_of(
    entry: SeenEntry, latest: Mapping[str, SeenEntry], ages: Ages, now: datetime
) -> SeenEntry:
    other = latest.get(entry.article_id)
    if other is None or other.page is None or is_due(other, ages, now):
        return entry
    return replace(entry, page=other.page)
