"""How far every delivery is: the compacted topic of their states, as a table to be asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from pipeline.alerts.plan import newer, route_of
from pipeline.errors import Rejected
from pipeline.kafka.ports import Entry, Tail
from pipeline.records import Delivery, decode, encode
from pipeline.scratch import scratch_database

logger = logging.getLogger(__name__)

_TABLE = """CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, pending INT, partition INT, route TEXT, due REAL, value BLOB
) WITHOUT ROWID"""
_INDEX = "CREATE INDEX pending ON deliveries (due) WHERE pending"

_NEXT = """SELECT value FROM deliveries WHERE pending
    AND partition IN (SELECT value FROM json_each(?))
    AND route NOT IN (SELECT value FROM json_each(?))
    AND id NOT IN (SELECT value FROM json_each(?))
    ORDER BY due LIMIT 1"""


class DeliveryBook:
    """The newest state of each delivery. On disk beyond a limit: a destination that is dead for
    days leaves many behind.

    Those of a topic that was made again stay known: what is under way still arrives, and once.
    """

    def __init__(self, tail: Tail) -> None:
        self._tail = tail
        self._reading = asyncio.Lock()
        self._database = scratch_database()
        for statement in (_TABLE, _INDEX):
            self._database.execute(statement)

    def close(self) -> None:
        """Let go of what is known."""
        self._database.close()

    async def catch_up(self) -> None:
        """Know all that is on the topic now, whoever wrote it."""
        async with self._reading:
            async for entries in self._tail.catch_up():
                for entry in entries:
                    self._read(entry)

    def note(self, delivery: Delivery) -> None:
        """Keep a state, unless a newer one is known."""
        known = self._known(delivery.id)
        holds = delivery if known is None else newer(delivery, known)
        due = holds.next_try_at.timestamp() if holds.next_try_at else None
        self._database.execute(
            "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, ?)",
            (holds.id, holds.pending, holds.partition, route_of(holds), due, encode(holds)),
        )

    def unknown(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those that nothing is known of, each once."""
        distinct = {each.id: each for each in deliveries}
        return [each for each in distinct.values() if self._known(each.id) is None]

    def next_pending(
        self, partitions: Collection[int], *, routes: Collection[str], ids: Collection[str]
    ) -> Delivery | None:
        """The pending delivery of some partitions that is due first, without those on ``routes``
        and with ``ids``."""
        row = self._database.execute(
            _NEXT, list(map(_listed, (partitions, routes, ids)))
        ).fetchone()
        return None if row is None else decode(row[0], Delivery)

    def _known(self, delivery_id: str) -> Delivery | None:
        row = self._database.execute(
            "SELECT value FROM deliveries WHERE id = ?", (delivery_id,)
        ).fetchone()
        return None if row is None else decode(row[0], Delivery)

    def _read(self, entry: Entry) -> None:
        if entry.value is None:
            return  # nobody takes a state away; retention does, and the topic tells nothing of it
        try:
            self.note(decode(entry.value, Delivery))
        except Rejected as error:
            logger.warning("a stored delivery is unreadable (%s)", error)


def _listed(values: Collection[object]) -> str:
    return msgspec.json.encode(list(values)).decode()


def is_due(delivery: Delivery, now: datetime) -> bool:
    """Whether its next try is to be made."""
    return delivery.next_try_at is not None and delivery.next_try_at <= now
