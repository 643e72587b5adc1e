"""What does not fit, asked of a filled :mod:`scratch` database. Pure.

The order in which it is filled makes a running line look no worse than it is: what the stations
have committed is taken first, then the topics and dead letters are read, the index last. What a
station has committed has been delivered before, so that whatever is missing then is missing.
"""

from __future__ import annotations

import sqlite3

from pipeline.check.report import Kind

_WRONG = {
    Kind.LOST: """
        SELECT place FROM given
        WHERE place NOT IN (SELECT place FROM refused)
          AND NOT EXISTS (SELECT 1 FROM enriched
                          WHERE enriched.id = given.id AND enriched.revision = given.revision)
        UNION
        SELECT place FROM expected
        WHERE NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = expected.id)
    """,
    Kind.DOUBLE: "SELECT id FROM articles GROUP BY id HAVING count(*) > 1",
    Kind.STALE: """
        SELECT best.id
        FROM (SELECT id, max(standing) AS standing FROM expected GROUP BY id) best
        JOIN (SELECT id, max(standing) AS standing FROM articles GROUP BY id) found USING (id)
        WHERE found.standing < best.standing
          AND NOT EXISTS (SELECT 1 FROM enriched JOIN articles USING (id)
                          WHERE enriched.id = best.id AND enriched.standing = best.standing
                            AND (enriched.content = articles.content
                                 OR (enriched.text = articles.text
                                     AND enriched.rank < articles.rank)))
    """,
    Kind.STATEMENTS: """
        SELECT id FROM articles LEFT JOIN
            (SELECT id, month, revision, count(*) AS found FROM statements GROUP BY 1, 2, 3)
            USING (id, month, revision)
        WHERE coalesce(found, 0) <> articles.statements
        UNION
        SELECT id FROM statements WHERE NOT EXISTS (
            SELECT 1 FROM articles WHERE articles.id = statements.id
                AND articles.month = statements.month AND articles.revision = statements.revision)
    """,
    Kind.REVISIONS: """
        SELECT DISTINCT id FROM expected
        WHERE EXISTS (SELECT 1 FROM articles WHERE articles.id = expected.id
                      AND articles.standing > expected.standing)
          AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = expected.id
                          AND articles.content = expected.content)
          AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.id = expected.id
                          AND kept.content = expected.content)
          AND NOT EXISTS (SELECT 1 FROM enriched better
                          WHERE better.id = expected.id AND better.text = expected.text
                            AND better.rank > expected.rank AND expected.rank > 0)
    """,
    Kind.HOMES: """
        SELECT id FROM articles WHERE NOT EXISTS (
            SELECT 1 FROM homes WHERE homes.id = articles.id AND homes.month = articles.month)
    """,
    Kind.ALERTS: "SELECT id FROM alerts GROUP BY id HAVING count(*) > 1",
}

_FUTURE = "SELECT id FROM articles WHERE revision > ?"


def wrong(database: sqlite3.Connection, newest_revision: int) -> dict[Kind, frozenset[str]]:
    """Ids of articles and alerts, and places of lost messages, by what is wrong with them.

    ``newest_revision`` is the latest that the clock allows.
    """
    found = {kind: _subjects(database, query) for kind, query in _WRONG.items()}
    return found | {Kind.FUTURE: _subjects(database, _FUTURE, newest_revision)}


def produced(database: sqlite3.Connection) -> int:
    """How many articles have passed all of the line."""
    return _number(database, "SELECT count(DISTINCT id) FROM expected")


def indexed(database: sqlite3.Connection) -> int:
    """How many articles are indexed."""
    return _number(database, "SELECT count(DISTINCT id) FROM articles")


def dead_letters(database: sqlite3.Connection) -> int:
    """How many dead letters are open."""
    return _number(database, "SELECT count(*) FROM letters WHERE open")


def _subjects(database: sqlite3.Connection, query: str, *values: int) -> frozenset[str]:
    return frozenset(row[0] for row in database.execute(query, values))


def _number(database: sqlite3.Connection, query: str) -> int:
    (number,) = database.execute(query).fetchone()
    return int(number)
