"""Which feeds this consumer may write the state of: asked before each write.

A poll may last longer than the share it began in. What it learnt is written while its feed is still
ours; while feeds are shared out anew, writes wait for the outcome; then they are refused.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from pipeline.errors import FeedLost
from pipeline.kafka.ports import Publisher
from pipeline.kafka.states import FEED_STATES, state_message
from pipeline.records import FeedState

_WAIT_SECONDS = 0.05
_IN_FLIGHT_SECONDS = 3.0  # a third of a session: who waits longer is taken for dead itself


def _of_nobody(_: str) -> bool:
    return False


class FeedTenure:
    """A :class:`pipeline.kafka.ports.FeedWriter` whose rights come and go.

    ``save`` runs in the event loop, everything else in the thread of the group's member.
    """

    def __init__(self, publisher: Publisher, topic: str) -> None:
        self._publisher = publisher
        self._topic = topic
        self._state = threading.Condition()
        self._owns: Callable[[str], bool] = _of_nobody
        self._is_member: Callable[[], bool] = lambda: True
        self._is_open = False
        self._writing = 0

    async def save(self, state: FeedState) -> None:
        """Return when the state is delivered.

        Raises FeedLost, and writes nothing, when the feed is not this consumer's any more.
        """
        await self._entered(state.feed_id)
        try:
            await self._publisher.publish([state_message(self._topic, FEED_STATES, state)])
        finally:
            with self._state:
                self._writing -= 1
                self._state.notify_all()

    def grant(
        self, owns: Callable[[str], bool], is_member: Callable[[], bool] = lambda: True
    ) -> None:
        """Let the states of these feeds be written, for as long as ``is_member`` says so."""
        with self._state:
            self._owns, self._is_member, self._is_open = owns, is_member, True

    def suspend(self, seconds: float = _IN_FLIGHT_SECONDS) -> None:
        """Let nothing be written until told otherwise; return when nothing is under way, or after
        so long: what is on its way to a broker that is gone cannot be called back."""
        with self._state:
            self._is_open = False
            self._state.wait_for(lambda: not self._writing, seconds)

    def end(self) -> None:
        """Refuse whatever is to be written: all feeds may be another's."""
        self.suspend(0)
        self.grant(_of_nobody)

    async def _entered(self, feed_id: str) -> None:
        while True:
            if self._enter(feed_id):
                return
            await asyncio.sleep(_WAIT_SECONDS)

    def _enter(self, feed_id: str) -> bool:
        with self._state:
            if not (self._is_open and self._is_member()):
                return False
            if not self._owns(feed_id):
                raise FeedLost(f"feed {feed_id} went to another consumer")
            self._writing += 1
            return True
