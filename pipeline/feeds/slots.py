"""Which of the feeds that are due begin their poll: no host and no slow feed takes all slots."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import NamedTuple, TypeAlias

_Lines: TypeAlias = "OrderedDict[str, OrderedDict[str, None]]"
"""Ids of feeds in the order they came, by host; the host whose turn is next comes first."""


class _Feed(NamedTuple):
    id: str
    host: str
    is_slow: bool


class PollSlots:
    """``slots`` polls at a time; ``per_host`` of one host, and half of them of slow feeds, at most.

    A poll holds its slot until its feed is read, and its place at its host until it has ended: so a
    host has no more polls under way than that, whatever their pages take. A feed that has to wait
    holds no slot. Hosts take turns, and so do slow feeds and others.
    """

    def __init__(self, slots: int, per_host: int) -> None:
        self._free = slots
        self._free_for_slow = max(1, slots // 2)
        self._per_host = per_host
        self._polls: dict[str, _Feed] = {}
        self._holding: set[str] = set()
        self._hosts: Counter[str] = Counter()
        self._waiting: dict[str, _Feed] = {}
        self._lines: dict[bool, _Lines] = {False: OrderedDict(), True: OrderedDict()}
        self._slow_first = False

    @property
    def are_free(self) -> bool:
        """Whether a poll may begin."""
        return self._free > 0

    @property
    def waiting(self) -> int:
        """How many feeds are due and wait, mostly for their host."""
        return len(self._waiting)

    def __contains__(self, feed_id: object) -> bool:
        """Whether a feed waits, or its poll is under way."""
        return feed_id in self._waiting or feed_id in self._polls

    def ask(self, feed_id: str, host: str, *, is_slow: bool) -> None:
        """A feed is due, and waits from now on."""
        self._waiting[feed_id] = _Feed(feed_id, host, is_slow)
        self._lines[is_slow].setdefault(host, OrderedDict())[feed_id] = None

    def begin(self) -> str | None:
        """The feed that has a slot from now on; None where none may."""
        feed = self._next() if self.are_free else None
        if feed is None:
            return None
        self._stop_waiting(feed)
        self._slow_first = not feed.is_slow
        self._polls[feed.id] = feed
        self._holding.add(feed.id)
        self._hosts[feed.host] += 1
        self._free -= 1
        self._free_for_slow -= feed.is_slow
        return feed.id

    def read(self, feed_id: str) -> None:
        """The feed is read, and its poll holds no slot any more."""
        if feed_id in self._holding:
            self._holding.remove(feed_id)
            self._free += 1
            self._free_for_slow += self._polls[feed_id].is_slow

    def leave(self, feed_id: str) -> None:
        """The poll has ended, or the feed is not to be polled; nothing else is done twice."""
        if feed_id in self._waiting:
            self._stop_waiting(self._waiting[feed_id])
        self.read(feed_id)
        feed = self._polls.pop(feed_id, None)
        if feed is not None:
            self._hosts[feed.host] -= 1
            if not self._hosts[feed.host]:
                del self._hosts[feed.host]

    def _next(self) -> _Feed | None:
        for slow in (self._slow_first, not self._slow_first):
            if slow and self._free_for_slow <= 0:
                continue
            # Hosts that are full are few, those of the polls under way: this looks at no more.
            for host, line in self._lines[slow].items():
                if self._hosts[host] < self._per_host:
                    return self._waiting[next(iter(line))]
        return None

    def _stop_waiting(self, feed: _Feed) -> None:
        """Take a feed out of its line, and let the hosts behind its own go first."""
        lines = self._lines[feed.is_slow]
        del self._waiting[feed.id], lines[feed.host][feed.id]
        if lines[feed.host]:
            lines.move_to_end(feed.host)
        else:
            del lines[feed.host]
