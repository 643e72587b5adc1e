"""What Elasticsearch holds under an id: as it was written last, refreshed or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from elastic_transport import ObjectApiResponse
from elasticsearch import AsyncElasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.index import fields
from pipeline.index.bulk_outcome import Seen
from pipeline.index.plan import Facts, Stored
from pipeline.index.stories import Story
from pipeline.index.words import Word, led_there
from pipeline.records import Model, Source, standing

Doc = Mapping[str, Any]
"""One answer of a multi-get, or one hit of a search."""

WANTED = [
    fields.REVISION,
    fields.ORIGIN,
    fields.STORY_TEXT,
    fields.SOURCE,
    fields.SOURCE_DOMAIN,
    fields.SOURCE_COUNTRY,
    fields.TOLD_BY,
    fields.TOLD_REVISION,
    fields.FEED,
    fields.GUID,
    fields.SUMMARY,
    fields.AUTHORS,
    fields.PUBLISHED,
    fields.SEEN_IN,
    fields.LATEST_REVISION,
    fields.CONTENT_SHA256,
    fields.FIRST_SEEN,
    fields.STATEMENT_COUNT,
    fields.MODEL_NAME,
    fields.MODEL_VERSION,
    fields.STORY,
    fields.COPY_OF,
]


async def articles_in(
    client: AsyncElasticsearch, alias: str, months: Mapping[str, str]
) -> dict[str, Stored]:
    """What is indexed of these ids, each in the month that is given. Raises as :func:`found`."""
    wanted = [
        {"_index": f"{alias}-{month}", "_id": article_id, "_source": WANTED}
        for article_id, month in months.items()
    ]
    return {doc["_id"]: _stored(alias, doc) for doc in await found(client, wanted)}


async def present(client: AsyncElasticsearch, wanted: Sequence[Doc]) -> dict[str, Doc]:
    """The sources of those documents that are there, by id. As :func:`found`."""
    return {doc["_id"]: doc["_source"] for doc in await found(client, wanted)}


async def found(client: AsyncElasticsearch, wanted: Sequence[Doc]) -> list[Doc]:
    """Those of a multi-get that are there. An index that is not there holds nothing.

    Raises ServiceUnavailable where that cannot be told, and lets the client's TransportError and
    ApiError out: repeating is up to the caller.
    """
    if not wanted:
        return []
    docs = listed(await client.mget(docs=wanted), "docs")
    if len(docs) != len(wanted) or any(map(_unanswered, docs)):
        raise ServiceUnavailable("a shard could not say whether an article is indexed")
    return [doc for doc in docs if doc.get("found")]


def _unanswered(doc: Doc) -> bool:
    """Whether this is neither found nor missing."""
    error = doc.get("error")
    return error is not None and error.get("type") != "index_not_found_exception"


def listed(answer: ObjectApiResponse[Any], *path: str) -> list[Doc]:
    """The list at ``path``. What stands between may say 200 to anything, with a page of its own."""
    found: object = answer.body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, list):
        raise ServiceUnavailable("an answer that does not fit the request")
    return found


def hits(answer: ObjectApiResponse[Any]) -> list[Doc]:
    """What a search found."""
    return listed(answer, "hits", "hits")


def standing_of(source: Mapping[str, Any]) -> int:
    """By which the version in a document is ordered."""
    return standing(source[fields.REVISION], source.get(fields.ORIGIN))


def _stored(alias: str, doc: Doc) -> Stored:
    source = doc["_source"]
    return Stored(
        month=doc["_index"].removeprefix(f"{alias}-"),
        seen=Seen(doc["_seq_no"], doc["_primary_term"]),
        revision=source[fields.REVISION],
        origin=source.get(fields.ORIGIN),
        content_sha256=source[fields.CONTENT_SHA256],
        text_id=source.get(fields.STORY_TEXT, ""),
        first_seen_at=msgspec.convert(source[fields.FIRST_SEEN], datetime),
        statement_count=source[fields.STATEMENT_COUNT],
        model=Model(name=source[fields.MODEL_NAME], version=source[fields.MODEL_VERSION]),
        story=Story(id=source[fields.STORY], copy_of=source.get(fields.COPY_OF)),
        facts=Facts(
            latest_revision=source.get(fields.LATEST_REVISION, source[fields.REVISION]),
            word=_word(source),
            seen_in=led_there(source.get(fields.SEEN_IN, [source.get(fields.FEED)])),
        ),
    )


def _word(source: Mapping[str, Any]) -> Word:
    published = source.get(fields.PUBLISHED)
    return Word(
        origin=source.get(fields.TOLD_BY),
        revision=source.get(fields.TOLD_REVISION, source[fields.REVISION]),
        source=Source(
            name=source[fields.SOURCE],
            domain=source.get(fields.SOURCE_DOMAIN),
            country=source.get(fields.SOURCE_COUNTRY),
        ),
        feed_id=source.get(fields.FEED),
        guid=source.get(fields.GUID),
        summary=source.get(fields.SUMMARY),
        authors=tuple(source.get(fields.AUTHORS, ())),
        published_at=msgspec.convert(published, datetime) if published else None,
    )
