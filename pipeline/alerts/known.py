"""What every alert worker knows from Kafka: the saved searches, which of them cannot be asked, and
which alerts were made.

All are read to the end before anything is decided, so a worker that takes over from another knows
all that the other has written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic

import msgspec

from pipeline.kafka.compacted import Kind, R
from pipeline.kafka.newest import Newest
from pipeline.kafka.ports import Entry, Tail
from pipeline.kafka.states import SAVED_SEARCHES, WAITING_SEARCHES
from pipeline.records import Alert, SavedSearch, WaitingSearch
from pipeline.scratch import scratch_database

logger = logging.getLogger(__name__)


class Known(Generic[R]):
    """What a compacted topic holds, as of the last look: nothing of one that was deleted and made
    again, so that what is asked is what people find listed."""

    def __init__(self, tail: Tail, kind: Kind[R]) -> None:
        self._tail = tail
        self._kind = kind
        self._newest = Newest(kind.read)
        self._made_again = 0
        self._reading = asyncio.Lock()

    async def latest(self) -> Mapping[str, R]:
        """All that there is now, by key."""
        async with self._reading:
            async for entries in self._tail.catch_up():
                self._forget_what_is_gone()
                for entry in entries:
                    self._newest.add(entry)
            self._forget_what_is_gone()
            return self._newest.found()

    def _forget_what_is_gone(self) -> None:
        if self._made_again != self._tail.made_again:
            self._made_again = self._tail.made_again
            self._newest = Newest(self._kind.read)


class KnownSearches(Known[SavedSearch]):
    """The saved searches, by id."""

    def __init__(self, tail: Tail) -> None:
        super().__init__(tail, SAVED_SEARCHES)


class KnownWaiting(Known[WaitingSearch]):
    """The searches that cannot be asked, by search and partition."""

    def __init__(self, tail: Tail) -> None:
        super().__init__(tail, WAITING_SEARCHES)


class _OnlyId(msgspec.Struct, frozen=True):
    id: str


_decoder = msgspec.json.Decoder(_OnlyId)


class Ledger:
    """The ids of all alerts on the topic: 32 bytes each, on disk beyond a limit.

    Those of a topic that was made again stay known: who was told is not told twice.
    """

    def __init__(self, tail: Tail) -> None:
        self._tail = tail
        self._database = scratch_database()
        self._database.execute("CREATE TABLE alerts (id BLOB PRIMARY KEY) WITHOUT ROWID")

    def close(self) -> None:
        """Let go of what is known."""
        self._database.close()

    async def unknown(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Which of the alerts are not on the topic now, each id once."""
        async for entries in self._tail.catch_up():
            self._add(entries)
        distinct = {alert.id: alert for alert in reversed(alerts)}
        return [alert for alert in reversed(distinct.values()) if not self._has(alert.id)]

    def _add(self, entries: Iterable[Entry]) -> None:
        ids = [(bytes.fromhex(found),) for found in map(_id_of, entries) if found is not None]
        self._database.executemany("INSERT OR IGNORE INTO alerts VALUES (?)", ids)

    def _has(self, alert_id: str) -> bool:
        found = self._database.execute(
            "SELECT 1 FROM alerts WHERE id = ?", (bytes.fromhex(alert_id),)
        )
        return found.fetchone() is not None


def _id_of(entry: Entry) -> str | None:
    try:
        found = _decoder.decode(entry.value or b"").id
        bytes.fromhex(found)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        logger.warning("an alert on the topic is unreadable")
        return None
    return found
