"""The database in which a check compares what was produced with what is indexed.

Temporary, and on disk beyond its cache: ten million articles are compared in the memory of a few.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from pipeline.scratch import scratch_database

_CACHE_KIB = 65_536

_TABLES = {
    # Messages on which the enrich station is through. Where one holds no article ``id`` is null,
    # and ``content`` the hash of all of it.
    "given": "place TEXT, id TEXT, revision INTEGER, content TEXT",
    # Enriched articles; ``due`` where the index station is through, ``month`` as in index names.
    # Without an id as above. ``text`` is shared by equal texts; ``standing`` orders versions, and
    # ``rank`` says whose word one is.
    "enriched": "place TEXT, id TEXT, revision INTEGER, content TEXT, month TEXT, due INTEGER,"
    " text TEXT, standing INTEGER, rank INTEGER",
    # Dead letters by the place of the message that was refused; ``open`` until purged or replayed.
    "letters": "place TEXT PRIMARY KEY, open INTEGER, payload TEXT",
    "articles": "id TEXT, month TEXT, revision INTEGER, content TEXT, statements INTEGER,"
    " text TEXT, standing INTEGER, rank INTEGER",
    "statements": "id TEXT, month TEXT, revision INTEGER",
    "kept": "id TEXT, content TEXT",
    "homes": "id TEXT, month TEXT",
    "alerts": "id TEXT",
}
_VIEWS = (
    # Enriched articles that ought to be indexed, in this revision or a newer one.
    """CREATE VIEW expected AS SELECT * FROM enriched WHERE due
       AND place NOT IN (SELECT place FROM refused)""",
    # What is no article is answered by a dead letter of the same bytes, wherever it was read.
    """CREATE VIEW refused AS
       SELECT place FROM letters
       UNION SELECT given.place FROM given JOIN letters ON content = payload WHERE id IS NULL
       UNION SELECT enriched.place FROM enriched JOIN letters ON content = payload
       WHERE id IS NULL""",
)
_INDEXED_BY = ("given", "enriched", "articles", "statements", "kept", "homes", "alerts")

Row = tuple[Any, ...]


@contextmanager
def scratch() -> Iterator[sqlite3.Connection]:
    """An empty database of the check's tables, gone at the end."""
    with closing(scratch_database(_CACHE_KIB)) as database:
        for table, columns in _TABLES.items():
            database.execute(f"CREATE TABLE {table} ({columns})")
        for view in _VIEWS:
            database.execute(view)
        yield database


def fill(database: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Add rows; for dead letters the later of the same place holds."""
    marks = ", ".join("?" for _ in _TABLES[table].split(","))
    statement = f"INSERT OR REPLACE INTO {table} VALUES ({marks})"  # noqa: S608 (a name of ours)
    database.executemany(statement, rows)


def sort(database: sqlite3.Connection) -> None:
    """Make the comparisons quick, once all is filled in."""
    for table in _INDEXED_BY:
        database.execute(f"CREATE INDEX {table}_by_id ON {table} (id)")
    database.execute("CREATE INDEX letters_by_payload ON letters (payload)")
    database.execute("ANALYZE")
