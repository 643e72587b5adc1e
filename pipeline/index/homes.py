"""In which month each article is: known for certain, whoever asks, and when.

An article's home is a document under its id that names a month, created once and never changed.
Who comes first claims it, with a write that Elasticsearch takes from one alone; everybody else
reads it, and a read by id sees what was written a moment ago. So an article is in one month,
whatever captures of it come in whatever order through whatever workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.index.bulk import bulk_once
from pipeline.index.bulk_outcome import Operation, Seen
from pipeline.index.direct import Put, pages, write
from pipeline.index.lookup import Doc, found, hits
from pipeline.index.names import homes_index
from pipeline.settings import IndexSettings

PAGE = 5_000
"""Homes that are forgotten in one request."""

Homes = dict[str, str]
"""The month of each article, by id."""


def claims(settings: IndexSettings, wanted: Mapping[str, str]) -> list[Operation]:
    """Make these the homes of articles that have none."""
    index = homes_index(settings.homes)
    return [
        Operation(index=index, id=each, document=_document(month)) for each, month in wanted.items()
    ]


async def read_homes(
    client: AsyncElasticsearch, settings: IndexSettings, ids: Iterable[str]
) -> Homes:
    """The homes of those that have one. Raises as :func:`pipeline.index.lookup.found`."""
    index = homes_index(settings.homes)
    wanted = [{"_index": index, "_id": each, "_source": [fields.MONTH]} for each in ids]
    return {doc["_id"]: doc["_source"][fields.MONTH] for doc in await found(client, wanted)}


async def give_homes(client: AsyncElasticsearch, settings: IndexSettings, index: str) -> int:
    """Make ``index`` the home of each of its articles that has none; returns how many it holds.

    Raises ServiceUnavailable and the client's errors: then it is to be repeated.
    """
    document = _document(index.removeprefix(f"{settings.articles}-"))
    count = 0
    async for page in pages(client, index, {"match_all": {}}, source=False):
        homes = [Put(id=each["_id"], document=document) for each in page]
        await write(client, homes_index(settings.homes), homes)
        count += len(page)
    return count


def _document(month: str) -> bytes:
    return msgspec.json.encode({fields.MONTH: month})


async def forget_homes(client: AsyncElasticsearch, settings: IndexSettings, before: str) -> None:
    """Delete the homes in periods that end before that month. Raises as :func:`give_homes`."""
    index = homes_index(settings.homes)
    # By letters a year comes before its months, though it ends with the last of them.
    year = {"term": {fields.MONTH: before.partition(".")[0]}}
    ended = {"bool": {"filter": [{"range": {fields.MONTH: {"lt": before}}}], "must_not": [year]}}
    while True:
        await client.indices.refresh(index=index, ignore_unavailable=True)
        page = hits(
            await client.search(
                index=index,
                ignore_unavailable=True,
                query=ended,
                size=PAGE,
                source=False,
                seq_no_primary_term=True,
                track_total_hits=False,
            )
        )
        if not page:
            return
        await bulk_once(client, [_deletion(index, each) for each in page])


def _deletion(index: str, hit: Doc) -> Operation:
    return Operation(index=index, id=hit["_id"], over=Seen(hit["_seq_no"], hit["_primary_term"]))
