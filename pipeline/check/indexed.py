"""What the index holds, read whole: every article, its home, statements, superseded revisions."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from elasticsearch import AsyncElasticsearch

from pipeline.check.scratch import Row, fill
from pipeline.index import fields
from pipeline.index.client import indices_behind
from pipeline.index.lookup import listed
from pipeline.settings import IndexSettings

_PAGE = 10_000
_KEEP_ALIVE = "5m"

Hit = Mapping[str, Any]
ToRow = Callable[[Hit, str], Row]


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
            async for hits in _pages(client, index, wanted):
                fill(database, table, (to_row(hit, month) for hit in hits))


_OF_ARTICLES = (fields.REVISION, fields.CONTENT_SHA256, fields.STATEMENT_COUNT)
_OF_STATEMENTS = (fields.REVISION,)
_OF_REVISIONS = (fields.CONTENT_SHA256,)
_OF_HOMES = (fields.MONTH,)


def _article(hit: Hit, month: str) -> Row:
    revision, content, statements = (_value(hit, name) for name in _OF_ARTICLES)
    return hit["_id"], month, revision, content, statements


def _statement(hit: Hit, month: str) -> Row:
    article_id, _, _ = hit["_id"].rpartition("-")
    return article_id, month, _value(hit, fields.REVISION), hit["_id"]


def _kept(hit: Hit, _: str) -> Row:
    article_id, _, _ = hit["_id"].partition("@")
    return article_id, _value(hit, fields.CONTENT_SHA256)


def _home(hit: Hit, _: str) -> Row:
    return hit["_id"], _value(hit, fields.MONTH)


def _value(hit: Hit, field: str) -> Any:
    values = hit.get("fields", {}).get(field)
    return values[0] if values else None


async def _pages(
    client: AsyncElasticsearch, index: str, wanted: Sequence[str]
) -> AsyncIterator[Sequence[Hit]]:
    """All documents of one index as they are at the call."""
    await client.indices.refresh(index=index)
    after = None
    async with _point_in_time(client, index) as point:
        while True:
            answer = await client.search(
                pit={"id": point, "keep_alive": _KEEP_ALIVE},
                size=_PAGE,
                sort=["_shard_doc"],
                search_after=after,
                source=False,
                docvalue_fields=[{"field": name} for name in wanted],
                track_total_hits=False,
                allow_partial_search_results=False,
            )
            hits = listed(answer, "hits", "hits")
            if not hits:
                return
            yield hits
            after = hits[-1]["sort"]


@asynccontextmanager
async def _point_in_time(client: AsyncElasticsearch, index: str) -> AsyncIterator[str]:
    opened = await client.open_point_in_time(index=index, keep_alive=_KEEP_ALIVE)
    try:
        yield opened["id"]
    finally:
        await client.close_point_in_time(id=opened["id"])
