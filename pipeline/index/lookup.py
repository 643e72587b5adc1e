"""Where the articles of a batch already live, and in which version.

Asked twice, because one question alone misses something: a multi-get sees what was written a
moment ago but has to name the index, a search finds an article in any month but only once it has
been refreshed (a second, by default). Near a change of month the multi-get asks both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from elastic_transport import ObjectApiResponse
from elasticsearch import AsyncElasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.index import fields
from pipeline.index.documents import index_name
from pipeline.index.plan import Stored
from pipeline.index.stories import Story
from pipeline.records import Model

MONTH_EDGE = timedelta(hours=1)
"""Two feeds may show the same article at slightly different times, on either side of midnight."""

WANTED = [
    fields.REVISION,
    fields.CONTENT_SHA256,
    fields.FIRST_SEEN,
    fields.STATEMENT_COUNT,
    fields.MODEL_NAME,
    fields.MODEL_VERSION,
    fields.STORY,
    fields.COPY_OF,
]


async def stored_articles(
    client: AsyncElasticsearch, alias: str, first_seen_at: Mapping[str, datetime]
) -> dict[str, Stored]:
    """What the index holds of these ids (given with when each was first seen, for all we know).

    Raises ServiceUnavailable where that cannot be told, and lets the client's TransportError and
    ApiError out: repeating is up to the caller.
    """
    found = await _just_written(client, alias, first_seen_at)
    missing = first_seen_at.keys() - found.keys()
    return found | await _anywhere(client, alias, sorted(missing))


async def _just_written(
    client: AsyncElasticsearch, alias: str, first_seen_at: Mapping[str, datetime]
) -> dict[str, Stored]:
    wanted = [
        {"_index": index, "_id": article_id, "_source": WANTED}
        for article_id, time in first_seen_at.items()
        for index in candidates(alias, time)
    ]
    return _read(alias, await _found(client, wanted))


async def present(
    client: AsyncElasticsearch, wanted: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """The sources of those documents that are there, by id, as they were written last.

    ``wanted`` as in a multi-get. Raises as :func:`stored_articles`.
    """
    return {doc["_id"]: doc["_source"] for doc in await _found(client, wanted)}


async def _found(
    client: AsyncElasticsearch, wanted: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    if not wanted:
        return []
    docs = listed(await client.mget(docs=wanted), "docs")
    if len(docs) != len(wanted) or any(map(_unanswered, docs)):
        raise ServiceUnavailable("a shard could not say whether an article is indexed")
    return [doc for doc in docs if doc.get("found")]


def _unanswered(doc: Mapping[str, Any]) -> bool:
    """Whether this is neither found nor missing. An index that is not there holds nothing."""
    error = doc.get("error")
    return error is not None and error.get("type") != "index_not_found_exception"


def candidates(alias: str, first_seen_at: datetime) -> list[str]:
    """The index an article first seen then belongs to, and its neighbour near a change of month."""
    times = (first_seen_at, first_seen_at - MONTH_EDGE, first_seen_at + MONTH_EDGE)
    return list(dict.fromkeys(index_name(alias, time) for time in times))


async def _anywhere(client: AsyncElasticsearch, alias: str, ids: list[str]) -> dict[str, Stored]:
    if not ids:
        return {}
    answer = await client.search(
        index=alias,
        ignore_unavailable=True,
        allow_partial_search_results=False,
        query={"ids": {"values": ids}},
        size=len(ids),
        source={"includes": WANTED},
        track_total_hits=False,
    )
    return _read(alias, listed(answer, "hits", "hits"))


def listed(answer: ObjectApiResponse[Any], *path: str) -> list[Mapping[str, Any]]:
    """The list at ``path``. What stands between may say 200 to anything, with a page of its own."""
    found: object = answer.body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, list):
        raise ServiceUnavailable("an answer that does not fit the request")
    return found


def _read(alias: str, hits: Iterable[Mapping[str, Any]]) -> dict[str, Stored]:
    return {
        hit["_id"]: _stored(hit["_index"].removeprefix(f"{alias}-"), hit["_source"]) for hit in hits
    }


def _stored(month: str, source: Mapping[str, Any]) -> Stored:
    return Stored(
        month=month,
        revision=source[fields.REVISION],
        content_sha256=source[fields.CONTENT_SHA256],
        first_seen_at=msgspec.convert(source[fields.FIRST_SEEN], datetime),
        statement_count=source[fields.STATEMENT_COUNT],
        model=Model(name=source[fields.MODEL_NAME], version=source[fields.MODEL_VERSION]),
        story=Story(id=source[fields.STORY], copy_of=source.get(fields.COPY_OF)),
    )
