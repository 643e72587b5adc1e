"""All that was made, on disk: what is compared with what is found at the end."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tests.chaos.measure.compare import Version

_TABLES = """
CREATE TABLE versions (
  article TEXT NOT NULL, revision INTEGER NOT NULL, marker TEXT NOT NULL PRIMARY KEY,
  must INTEGER NOT NULL, origin TEXT NOT NULL, sought INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE poison (sha256 TEXT NOT NULL);
"""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one article. ``revision`` puts the versions of an article in order. ``origin``
    is feeds, archives or direct; what is ``sought`` quotes whom the saved search looks for, and is
    new enough to alert."""

    article: str
    revision: int
    marker: str
    origin: str
    must: bool = True
    sought: bool = False


class Record:
    """Written by several threads, read at the end."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = OFF")
        self._base.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def add(self, made: Iterable[Made]) -> None:
        """Write down what is about to be published. The same again changes nothing."""
        rows = [
            (each.article, each.revision, each.marker, each.must, each.origin, each.sought)
            for each in made
        ]
        with self._lock, self._base:
            self._base.execute("BEGIN")
            self._base.executemany("INSERT OR IGNORE INTO versions VALUES (?, ?, ?, ?, ?, ?)", rows)

    def add_poison(self, hashes: Iterable[str]) -> None:
        """Write down the SHA-256 of messages that must become dead letters."""
        with self._lock:
            self._base.executemany("INSERT INTO poison VALUES (?)", [(each,) for each in hashes])

    def count(self) -> int:
        """How many articles were made."""
        return int(self._one("SELECT count(DISTINCT article) FROM versions"))

    def counts(self) -> dict[str, int]:
        """How many versions came from where."""
        with self._lock:
            return dict(self._base.execute("SELECT origin, count(*) FROM versions GROUP BY origin"))

    def versions(self) -> dict[str, list[Version]]:
        """The versions of each article, from old to new."""
        every: dict[str, list[Version]] = {}
        with self._lock:
            rows = self._base.execute(
                "SELECT article, marker, must FROM versions ORDER BY article, revision"
            )
            for article, marker, must in rows:
                every.setdefault(article, []).append(Version(marker, bool(must)))
        return every

    def sought(self) -> frozenset[str]:
        """The articles that are made to alert."""
        with self._lock:
            rows = self._base.execute("SELECT DISTINCT article FROM versions WHERE sought")
            return frozenset(article for (article,) in rows)

    def poison(self) -> Counter[str]:
        """How often each poisoned message was sent."""
        with self._lock:
            return Counter(sha for (sha,) in self._base.execute("SELECT sha256 FROM poison"))

    def _one(self, query: str) -> object:
        with self._lock:
            return self._base.execute(query).fetchone()[0]
