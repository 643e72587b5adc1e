"""How each feed is doing: what anyone may ask of it, from its subscription and its state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from pipeline.feeds.redaction import is_kept_as, shown_url
from pipeline.feeds.subscriptions import Subscription
from pipeline.kafka.ports import Known, NeverPolled, Stored, Unreadable
from pipeline.records import FeedState


class Health(StrEnum):
    """A closed list, the worst first: in this order a table shows them."""

    GONE = "gone"  # its server says that it is no more; it is looked for once a week
    FAILING = "failing"  # the last poll came to nothing, for the reason given
    WAITING = "waiting"  # some pages could not be had yet, or were put off to a later poll
    NEW = "new"  # never polled
    FINE = "fine"


class FeedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One feed. ``last_poll`` is the last try, ``last_answer`` the last that got one; ``entries``
    are those remembered, ``reason`` is why it is not fine. Of the entries without their page,
    ``waiting`` could not be had yet, and ``put_off`` were left for a later poll."""

    id: str
    name: str
    url: str
    health: Health
    last_poll: datetime | None = None
    last_answer: datetime | None = None
    next_poll: datetime | None = None
    new_per_day: float | None = None
    entries: int = 0
    waiting: int = 0
    put_off: int = 0
    failures: int = 0
    reason: str | None = None


def feed_statuses(
    subscriptions: Iterable[Subscription], states: Mapping[str, Stored]
) -> list[FeedStatus]:
    """One for each subscription, the worst first, then by id."""
    found = [status_of(each, states.get(each.id, NeverPolled())) for each in subscriptions]
    order = list(Health)
    return sorted(found, key=lambda status: (order.index(status.health), status.id))


def status_of(subscription: Subscription, state: Known) -> FeedStatus:
    """How one feed is doing. What is known of another address is nothing about this one."""
    if isinstance(state, Unreadable):
        return _unreadable(subscription, state)
    if isinstance(state, NeverPolled) or not is_kept_as(subscription.url, state.url):
        return FeedStatus(
            id=subscription.id,
            name=subscription.name,
            url=shown_url(subscription.url),
            health=Health.NEW,
        )
    return FeedStatus(
        id=subscription.id,
        name=subscription.name,
        url=shown_url(subscription.url),
        health=health_of(state),
        last_poll=state.polled_at,
        last_answer=state.fetched_at,
        next_poll=state.next_poll_at,
        new_per_day=state.new_per_day,
        entries=len(state.seen),
        waiting=len(state.tries),
        put_off=put_off(state),
        failures=state.failures,
        reason=reason_of(state),
    )


def _unreadable(subscription: Subscription, state: Unreadable) -> FeedStatus:
    return FeedStatus(
        id=subscription.id,
        name=subscription.name,
        url=shown_url(subscription.url),
        health=Health.FAILING,
        reason=f"its stored state is unreadable ({state.detail}); the next poll begins anew",
    )


def health_of(state: FeedState) -> Health:
    """How a feed is doing that was polled at least once."""
    if state.gone:
        return Health.GONE
    if state.failures:
        return Health.FAILING
    return Health.WAITING if state.tries or put_off(state) else Health.FINE


def put_off(state: FeedState) -> int:
    """How many entries were left for a later poll, since the feed took too long."""
    return state.work.put_off if state.work else 0


def reason_of(state: FeedState) -> str | None:
    """Why a feed is not fine, for people; None where there is no more to say than its health."""
    if state.error is not None or state.work is None or not state.work.put_off:
        return state.error
    count = state.work.put_off
    pages = "1 page is" if count == 1 else f"{count} pages are"
    return f"{pages} put off: {state.work.reason}"
