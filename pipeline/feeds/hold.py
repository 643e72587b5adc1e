"""A feed in this consumer's hands: what is known of it, and the only way to remember more."""

from __future__ import annotations

from msgspec.structs import replace

from pipeline.feeds.subscriptions import Subscription
from pipeline.kafka.ports import FeedWriter, Known, NeverPolled
from pipeline.records import FeedState


class Hold:
    """Made of what was read after the feed became ours, so that a state that was not read cannot
    be written. ``turn`` is ours: the states of whoever had the feed before have a lower one."""

    def __init__(
        self, subscription: Subscription, known: Known, writer: FeedWriter, turn: int
    ) -> None:
        self.subscription = subscription
        self.known = known
        self._writer = writer
        self._turn = turn

    async def save(self, state: FeedState) -> FeedState:
        """Return the state as it is stored, when it is delivered; from then on it is what is known.

        Raises FeedLost when the feed went to another consumer.
        """
        stored = self.of_this_turn(state)
        await self._writer.save(stored)
        self.known = stored
        return stored

    def of_this_turn(self, state: FeedState) -> FeedState:
        """``state`` as ours."""
        return replace(state, turn=self._turn)


def turn_after(known: Known) -> int:
    """The turn of who takes a feed over."""
    return 1 if isinstance(known, NeverPolled) else known.turn + 1
