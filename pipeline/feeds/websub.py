"""News the moment it appears, where a feed has a hub. Source: W3C WebSub, 2018.

The hub's message is taken as a knock at the door, not as the news: its body is checked against the
secret, and then the feed is polled as it always is, at once or :data:`KNOCK_REST` after its last
poll. So a hub can neither speak for a feed, nor make us miss anything, nor have us ask without end;
polling goes on at the longest interval while a subscription holds.

Which hub that is, is the feed's word, and so is not believed of others: a feed that leads elsewhere
names no hub, a topic is an address of the feed's own site, and a hub that does not confirm what we
ask it for is asked ever more rarely.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from pipeline.feeds.ownership import same_site
from pipeline.feeds.parsed import ParsedFeed

KNOCK_REST = timedelta(seconds=60)  # between two polls of a feed, however often its hub knocks
LEASE = timedelta(days=7)  # asked for; the hub decides
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=30)
RENEW_AT = 0.8  # of the lease
RETRY_AFTER = timedelta(hours=1)  # a hub that does not answer is asked again; doubled each time
_DOUBLINGS = 5
_DIGESTS = ("sha256", "sha384", "sha512", "sha1")  # those of the specification


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription, asked for or held. ``token`` names it in the callback's address and cannot be
    guessed; ``until`` is None until the hub has verified it, ``tries`` how often it was asked
    since then."""

    feed_id: str
    hub: str
    topic: str
    token: str
    secret: str
    asked_at: datetime
    until: datetime | None = None
    tries: int = 1

    def is_live(self, now: datetime) -> bool:
        """Whether the hub tells of news now."""
        return self.until is not None and now < self.until

    def is_due(self, now: datetime) -> bool:
        """Whether to ask the hub (again)."""
        if self.until is None:
            return now >= self.asked_at + RETRY_AFTER * (1 << min(self.tries - 1, _DOUBLINGS))
        return now >= self.asked_at + RENEW_AT * (self.until - self.asked_at)


class Verified(msgspec.Struct, frozen=True):
    """The hub's question is ours: answer with ``challenge``; ``hold`` is what we have now, None
    where the hub ends it."""

    challenge: str
    hold: Hold | None


def with_own_hubs(feed: ParsedFeed, subscribed: str, url: str) -> ParsedFeed:
    """``feed``, found at ``url`` by way of the address ``subscribed`` to, with the hubs and the
    topic that it may name."""
    if not feed.hubs:
        return feed
    if not same_site(subscribed, url):
        return replace(feed, hubs=(), self_url=None)
    return feed if same_site(feed.self_url, url) else replace(feed, self_url=url)


def request_form(hold: Hold, callback: str) -> dict[str, str]:
    """The form that asks the hub to subscribe us."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": hold.topic,
        "hub.callback": callback,
        "hub.secret": hold.secret,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }


def answer(query: Mapping[str, str], hold: Hold, now: datetime) -> Verified | None:
    """What to answer the hub's verification of intent; None for what we did not ask for."""
    mode: str | Literal["subscribe", "denied"] = query.get("hub.mode", "")
    if query.get("hub.topic") != hold.topic:
        return None
    if mode == "denied":
        return Verified("", None)
    challenge = query.get("hub.challenge")
    if mode != "subscribe" or not challenge:
        return None
    until = now + _lease(query.get("hub.lease_seconds", ""))
    return Verified(challenge, replace(hold, until=until, asked_at=now, tries=1))


def is_signed(header: str | None, secret: str, body: bytes) -> bool:
    """Whether an X-Hub-Signature is that of the body under our secret."""
    method, _, digest = (header or "").partition("=")
    if method.lower() not in _DIGESTS:
        return False
    ours = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(ours.encode(), digest.strip().lower().encode("utf-8", "replace"))


def _lease(seconds: str) -> timedelta:
    digits = seconds if seconds.isascii() and seconds.isdigit() else ""
    asked = timedelta(seconds=min(int(digits[:9]), 10**8)) if digits else LEASE
    return min(max(asked, SHORTEST_LEASE), LONGEST_LEASE)
