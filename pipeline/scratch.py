"""A table for what one process knows for a while, and may be more than fits into its memory."""

from __future__ import annotations

import sqlite3

_CACHE_KIB = 16_384  # of pages in memory; the rest is in a temporary file


def scratch_database() -> sqlite3.Connection:
    """A database of this connection's own, in memory up to a limit, gone with the process."""
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
        database.execute(f"PRAGMA {pragma}")
    return database
