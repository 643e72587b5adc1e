"""A working copy on disk takes as long for the millionth record as for the first."""

from __future__ import annotations

import time
from contextlib import closing
from hashlib import sha256

from pipeline.scratch import scratch_database
from tests.memory import resident

_PUT = "INSERT OR REPLACE INTO kept VALUES (?, ?)"


def test_a_write_takes_no_longer_for_what_is_there_already() -> None:
    """Measured before: 20 microseconds at first, 7 milliseconds with 160,000 records."""
    with closing(scratch_database(65_536)) as database:
        database.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")

        def write(start: int, count: int) -> float:
            began = time.process_time()
            for number in range(start, start + count):
                database.execute(_PUT, (sha256(b"%d" % number).hexdigest(), b"x" * 250))
            return (time.process_time() - began) / count

        first = write(0, 5_000)
        write(5_000, 45_000)
        assert write(50_000, 5_000) < 8 * first
        assert database.execute("SELECT count(*) FROM kept").fetchone() == (55_000,)


def test_what_is_beyond_its_memory_is_on_disk() -> None:
    with closing(scratch_database(4_096)) as database:
        database.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")
        before = resident()
        for number in range(50_000):
            database.execute(_PUT, (sha256(b"%d" % number).hexdigest(), b"x" * 2_000))
        assert resident() - before < 32 << 20
