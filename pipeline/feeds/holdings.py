"""The feeds that are this consumer's, and what is known of each: its working memory."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping

from msgspec.structs import replace

from pipeline.feeds.first_poll import with_first_poll
from pipeline.feeds.hold import Hold, turn_after
from pipeline.feeds.settle import merge_latest
from pipeline.feeds.subscriptions import Subscription
from pipeline.kafka.ports import Known, NeverPolled, Share, Stored, Unreadable
from pipeline.records import FeedState, SeenEntry

_AT_ONCE = 100  # states taken in before other tasks have their turn


class Holdings:
    """Has nothing until a share is taken. ``states`` and ``latest`` are filled here alone (see
    ``Shelf``): what is known of each feed, and of each article."""

    def __init__(
        self, states: MutableMapping[str, FeedState], latest: MutableMapping[str, SeenEntry]
    ) -> None:
        self._states = states
        self._latest = latest
        self._unreadable: dict[str, Unreadable] = {}
        self._share: Share | None = None
        self._coming: Share | None = None

    def owns(self, feed_id: str) -> bool:
        """Whether a feed is ours, and all that is stored of it was read."""
        if self._share is None or not self._share.owns(feed_id):
            return False
        return self._coming is None or self._coming.owns(feed_id)

    async def take(self, share: Share) -> None:
        """Let go of what is another's now, and take in what is new here."""
        self._coming = share  # what is another's is let go now, what is new is ours at the end
        for feed_id in [*self._states, *self._unreadable]:
            if not share.owns(feed_id):
                self._forget(feed_id)
        for count, (feed_id, stored) in enumerate(share.states.items()):
            self._remember(feed_id, stored)
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)
        self._share, self._coming = share, None

    def known(self, feed_id: str) -> Known | None:
        """What is known of a feed; None where it is not ours to know."""
        if not self.owns(feed_id):
            return None
        if feed_id in self._unreadable:
            return self._unreadable[feed_id]
        return self._states.get(feed_id) or NeverPolled()

    def hold(self, subscription: Subscription) -> Hold | None:
        """The feed in our hands; None where it is not ours."""
        known = self.known(subscription.id)
        if known is None or self._share is None:
            return None
        # A state in memory is of our turn already.
        turn = known.turn if isinstance(known, FeedState) else turn_after(known)
        return Hold(subscription, known, self._share.writer, turn)

    def put(self, state: FeedState) -> None:
        """What is known of a feed of ours from now on."""
        if self.owns(state.feed_id):
            self._unreadable.pop(state.feed_id, None)
            self._states[state.feed_id] = state

    def _forget(self, feed_id: str) -> None:
        self._states.pop(feed_id, None)
        self._unreadable.pop(feed_id, None)

    def _remember(self, feed_id: str, stored: Stored) -> None:
        if isinstance(stored, Unreadable):
            self._unreadable[feed_id] = stored
            return
        self._states[feed_id] = replace(with_first_poll(stored), turn=turn_after(stored))
        merge_latest(self._latest, stored.seen.values())
