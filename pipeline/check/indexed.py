"""What the index holds, read whole: every article, its home, statements, superseded revisions."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from elasticsearch import AsyncElasticsearch

from pipeline.check.scratch import Row, fill
from pipeline.index import fields
from pipeline.index.client import indices_behind
from pipeline.index.direct import pages
from pipeline.index.lookup import Doc
from pipeline.records import rank, standing
from pipeline.settings import IndexSettings

_PAGE = 10_000

ToRow = Callable[[Doc, str], Row]


async def read_index(
    database: sqlite3.Connection, client: AsyncElasticsearch, settings: IndexSettings
) -> None:
    """Fill in all that the indices behind the aliases hold, as of a refresh now.

    Lets the client's TransportError and ApiError out.
    """
    for table, alias, wanted, to_row in (
        ("articles", settings.articles, _OF_ARTICLES, _article),
        ("statements", settings.statements, _OF_STATEMENTS, _statement),
        ("kept", settings.revisions, _OF_REVISIONS, _kept),
        ("homes", settings.homes, _OF_HOMES, _home),
    ):
        for index in await indices_behind(client, alias):
            month = index.removeprefix(f"{alias}-")
            async for hits in _values(client, index, wanted):
                fill(database, table, (to_row(hit, month) for hit in hits))


_OF_ARTICLES = (
    fields.REVISION,
    fields.CONTENT_SHA256,
    fields.STATEMENT_COUNT,
    fields.STORY_TEXT,
    fields.ORIGIN,
)
_OF_STATEMENTS = (fields.REVISION,)
_OF_REVISIONS = (fields.CONTENT_SHA256,)
_OF_HOMES = (fields.MONTH,)


def _article(hit: Doc, month: str) -> Row:
    revision, content, statements, text, origin = (_value(hit, name) for name in _OF_ARTICLES)
    weight = standing(revision, origin), rank(origin)
    return hit["_id"], month, revision, content, statements, text, *weight


def _statement(hit: Doc, month: str) -> Row:
    article_id, _, _ = hit["_id"].rpartition("-")
    return article_id, month, _value(hit, fields.REVISION)


def _kept(hit: Doc, _: str) -> Row:
    article_id, _, _ = hit["_id"].partition("@")
    return article_id, _value(hit, fields.CONTENT_SHA256)


def _home(hit: Doc, _: str) -> Row:
    return hit["_id"], _value(hit, fields.MONTH)


def _value(hit: Doc, field: str) -> Any:
    values = hit.get("fields", {}).get(field)
    return values[0] if values else None


def _values(
    client: AsyncElasticsearch, index: str, wanted: Iterable[str]
) -> AsyncIterator[list[Doc]]:
    """These fields of everything in an index. A part of it would look like a loss."""
    return pages(
        client,
        index,
        {"match_all": {}},
        _PAGE,
        source=False,
        docvalue_fields=[{"field": name} for name in wanted],
        allow_partial_search_results=False,
    )
