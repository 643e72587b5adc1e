"""What becomes of an alert's deliveries: pure. Time and chance are arguments.

An alert goes to each destination that its search has when it is planned. A failed try is repeated,
later each time, until the destination takes the alert or so much time has passed that it is given
up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from pipeline.records import Alert, Channel, Delivery, DeliveryStatus, SavedSearch, Webhook
from pipeline.records.delivery import MAX_ERROR_CHARS
from pipeline.settings import AlertSettings


class Taken(msgspec.Struct, frozen=True):
    """The destination has it."""


class Failed(msgspec.Struct, frozen=True):
    """The destination does not have it, for all we know.

    ``permanent``: it never will. ``gone``: it wants nothing more from us. ``wait`` is what it asks
    for before the next try.
    """

    why: str
    permanent: bool = False
    gone: bool = False
    wait: timedelta | None = None


Attempt = Taken | Failed


def planned(
    alert: Alert, search: SavedSearch | None, partition: int, now: datetime
) -> list[Delivery]:
    """The deliveries of an alert, due at once; none where the search is gone."""
    if search is None:
        return []
    targets = [(Channel.WEBHOOK, each.url) for each in search.webhooks if each.gone_at is None]
    targets += [(Channel.EMAIL, address) for address in search.emails]
    return [
        Delivery(
            id=delivery_id(alert.id, channel, target),
            alert_id=alert.id,
            search_id=alert.search_id,
            channel=channel,
            target=target,
            partition=partition,
            status=DeliveryStatus.PENDING,
            planned_at=now,
            updated_at=now,
            next_try_at=now,
            alert=alert,
        )
        for channel, target in dict.fromkeys(targets)
    ]


def delivery_id(alert_id: str, channel: Channel, target: str) -> str:
    """The same for the same alert and destination."""
    destination = hashlib.sha256(f"{channel}\n{target}".encode()).hexdigest()[:16]
    return f"{alert_id}-{destination}"


def route_of(delivery: Delivery) -> str:
    """What fails together: the host of a webhook, or the one server that takes all mail."""
    if delivery.channel is Channel.EMAIL:
        return Channel.EMAIL
    return urlsplit(delivery.target).netloc.rpartition("@")[2].lower()


def webhook_of(delivery: Delivery, search: SavedSearch) -> Webhook | None:
    """The webhook that a delivery is for, while the search still has it and it is not gone."""
    wanted = (each for each in search.webhooks if each.url == delivery.target)
    return next((each for each in wanted if each.gone_at is None), None)


def wanted(delivery: Delivery, search: SavedSearch | None) -> bool:
    """Whether the search still sends its alerts there."""
    if search is None:
        return False
    if delivery.channel is Channel.EMAIL:
        return delivery.target in search.emails
    return webhook_of(delivery, search) is not None


def after(
    delivery: Delivery, attempt: Attempt, now: datetime, jitter: float, settings: AlertSettings
) -> Delivery:
    """The delivery after one more try. ``jitter`` is random, 0 to 1."""
    tried = replace(delivery, tries=delivery.tries + 1)
    if isinstance(attempt, Taken):
        return ended(tried, DeliveryStatus.DELIVERED, now)
    if attempt.gone:
        return ended(tried, DeliveryStatus.WITHDRAWN, now, attempt.why)
    wait = max(retry_after(tried.tries, jitter, settings), attempt.wait or timedelta())
    last = delivery.planned_at + timedelta(hours=settings.give_up_hours)
    if attempt.permanent or now >= last:
        return ended(tried, DeliveryStatus.GIVEN_UP, now, attempt.why)
    # The last try is made at the end of the span, not left out because the wait reaches over it.
    next_try_at = min(now + wait, last)
    return replace(tried, updated_at=now, next_try_at=next_try_at, error=_short(attempt.why))


def ended(
    delivery: Delivery, status: DeliveryStatus, now: datetime, why: str | None = None
) -> Delivery:
    """The delivery with a final status, and without what it carried."""
    error = None if why is None else _short(why)
    return replace(
        delivery, status=status, updated_at=now, next_try_at=None, error=error, alert=None
    )


def retry_after(tries: int, jitter: float, settings: AlertSettings) -> timedelta:
    """How long to wait after the ``tries``-th failure (from 1): doubled up to the longest.

    Of that the half to the whole, so that what failed together does not return together.
    """
    doubled = settings.first_retry_seconds * 2.0 ** min(tries - 1, 32)
    return timedelta(seconds=min(doubled, settings.longest_retry_seconds) * (0.5 + jitter / 2))


def without(search: SavedSearch, url: str, now: datetime) -> SavedSearch:
    """The search whose webhook to ``url`` is switched off."""
    webhooks: Iterable[Webhook] = (
        replace(each, gone_at=now) if each.url == url and each.gone_at is None else each
        for each in search.webhooks
    )
    return replace(search, webhooks=tuple(webhooks))


def newer(one: Delivery, other: Delivery) -> Delivery:
    """Of two states of a delivery the one that holds: a final one, else the one tried more often.

    A planner that lost its partitions while it worked may write that an alert is to be delivered
    which another has delivered by then.
    """
    return max(other, one, key=lambda state: (not state.pending, state.tries))


def _short(why: str) -> str:
    return why[:MAX_ERROR_CHARS]
