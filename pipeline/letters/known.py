"""The dead letters on their topic, without payloads: of each id what was written last."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pipeline.kafka.ports import StoredMessage
from pipeline.letters.filters import LetterFilter
from pipeline.letters.summary import LetterSummary, identity, letter_of, summary_of
from pipeline.scratch import scratch_database

_TABLE = """CREATE TABLE letters (
    id TEXT PRIMARY KEY, at_partition INT, at_offset INT, time INT,
    stage TEXT, reason TEXT, topic TEXT, failed_at REAL, words TEXT, summary BLOB
) WITHOUT ROWID"""

# Messages of an id are in one partition, but for those of earlier versions: time decides then.
_ADD = """INSERT INTO letters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        at_partition = excluded.at_partition, at_offset = excluded.at_offset, time = excluded.time,
        stage = excluded.stage, reason = excluded.reason, topic = excluded.topic,
        failed_at = excluded.failed_at, words = excluded.words, summary = excluded.summary
    WHERE CASE WHEN excluded.at_partition = at_partition
        THEN excluded.at_offset > at_offset ELSE excluded.time >= time END"""

_CONDITIONS: Mapping[str, str] = {
    "stage": "stage = :stage",
    "reason": "reason = :reason",
    "since": "failed_at >= :since",
    "until": "failed_at < :until",
    "source": "instr(words, :source) > 0",
    "topic": "topic = :topic",
    "id": "id = :id",
}


class KnownLetters:
    """On disk beyond a limit: a topic may hold any number of letters."""

    def __init__(self) -> None:
        self._database = scratch_database()
        self._database.execute(_TABLE)

    def close(self) -> None:
        """Let go of what is known."""
        self._database.close()

    def note(self, stored: StoredMessage) -> None:
        """Take in a message of the topic. One without a value ends its letter."""
        letter_id = identity(stored)
        letter = letter_of(stored)
        where = (letter_id, stored.partition, stored.offset, stored.time)
        if letter is None and stored.value is not None:
            return  # what a later version wrote
        if letter is None:
            self._database.execute(_ADD, (*where, *[None] * 6))
            return
        summary, words = summary_of(letter_id, letter)
        at = letter.failed_at.timestamp()
        known = (letter.stage, letter.reason, letter.topic, at, words)
        self._database.execute(_ADD, (*where, *known, msgspec.json.encode(summary)))

    def newest(self, wanted: LetterFilter, limit: int) -> list[LetterSummary]:
        """The newest of those that are meant, the newest first."""
        rows = self._select("summary", wanted, "ORDER BY failed_at DESC, id LIMIT :limit", limit)
        return [msgspec.json.decode(row[0], type=LetterSummary) for row in rows]

    def count(self, wanted: LetterFilter) -> int:
        """How many are meant."""
        (row,) = self._select("count(*)", wanted)
        return int(row[0])

    def place(self, letter_id: str) -> tuple[int, int] | None:
        """Partition and offset of a letter."""
        row = self._select("at_partition, at_offset", LetterFilter(id=letter_id)).fetchone()
        return None if row is None else (row[0], row[1])

    def choose(self, wanted: LetterFilter, limit: int | None = None) -> int:
        """Choose the newest of those that are meant, at most ``limit``; how many they are."""
        self._database.execute("DROP TABLE IF EXISTS chosen")
        order = "ORDER BY failed_at DESC, id LIMIT :limit"
        columns = "at_partition, at_offset, id"
        many = -1 if limit is None else limit
        self._database.execute(
            "CREATE TABLE chosen (at_partition INT, at_offset INT, id TEXT,"
            " PRIMARY KEY (at_partition, at_offset)) WITHOUT ROWID"
        )
        self._select(columns, wanted, order, many, into="INSERT INTO chosen ")
        return int(self._database.execute("SELECT count(*) FROM chosen").fetchone()[0])

    def chosen(self, partition: int, first: int, end: int) -> dict[int, str]:
        """Offset and id of those chosen from ``first`` on and before ``end``."""
        rows = self._database.execute(
            "SELECT at_offset, id FROM chosen"
            " WHERE at_partition = ? AND at_offset >= ? AND at_offset < ?",
            (partition, first, end),
        )
        return dict(rows)

    def next_chosen(self, partition: int, first: int) -> int | None:
        """The offset of the first that is chosen from ``first`` on."""
        row = self._database.execute(
            "SELECT min(at_offset) FROM chosen WHERE at_partition = ? AND at_offset >= ?",
            (partition, first),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def chosen_ids(self) -> Iterator[str]:
        """The ids of all that are chosen."""
        return (row[0] for row in self._database.execute("SELECT id FROM chosen"))

    def _select(
        self, columns: str, wanted: LetterFilter, rest: str = "", limit: int = -1, into: str = ""
    ) -> sqlite3.Cursor:
        given = _values(wanted)
        where = " AND ".join(["summary IS NOT NULL", *(_CONDITIONS[name] for name in given)])
        # The parts are ours; what is asked for is bound.
        question = f"{into}SELECT {columns} FROM letters WHERE {where} {rest}"  # noqa: S608
        return self._database.execute(question, given | {"limit": limit})


def _values(wanted: LetterFilter) -> dict[str, Any]:
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value}
    for name in ("since", "until"):
        if name in given:
            given[name] = given[name].timestamp()
    if "source" in given:
        given["source"] = given["source"].casefold()
    return given
