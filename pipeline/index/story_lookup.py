"""Earlier articles that tell what a batch tells: one request, whatever the size of the batch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.index import fields
from pipeline.index.lookup import listed
from pipeline.index.sketch import NOTHING, sketch
from pipeline.index.stories import Member, Newcomer, Story, merged

MAX_FIRSTS = 300
"""Firsts of stories that one batch is compared with, the latest ones: their texts are read, and
they should not take more room than a batch of articles does."""

_COMMON = [fields.ARTICLE_ID, fields.STORY, fields.COPY_OF, fields.STORY_TEXT, fields.FIRST_SEEN]

Search = dict[str, Any]


async def earlier_members(
    client: AsyncElasticsearch, alias: str, newcomers: Sequence[Newcomer], window: timedelta
) -> list[Member]:
    """Articles with the text of one of these, and firsts of stories that share a band with one.

    Raises ServiceUnavailable where that cannot be told, and lets the client's TransportError and
    ApiError out: repeating is up to the caller.
    """
    searches = searches_for(newcomers, window)
    if not searches:
        return []
    header = {
        "index": alias,
        "ignore_unavailable": True,
        "allow_partial_search_results": False,
    }
    lines = [line for search in searches for line in (header, search)]
    answers = listed(await client.msearch(searches=lines), "responses")
    if len(answers) != len(searches):
        raise ServiceUnavailable("an answer that does not fit the request")
    hits = [hit for answer in answers for hit in _hits(answer)]
    return await asyncio.to_thread(_members, hits)


def searches_for(newcomers: Sequence[Newcomer], window: timedelta) -> list[Search]:
    """The bodies of the request: equal texts of any age, and, for texts long enough, firsts of
    stories seen within ``window`` of the batch."""
    if not newcomers:
        return []
    bands = sorted({band for each in newcomers for band in each.sketch.bands})
    return [_same_texts(newcomers), *([_firsts(newcomers, bands, window)] if bands else [])]


def _same_texts(newcomers: Sequence[Newcomer]) -> Search:
    texts = sorted({each.text_id for each in newcomers})
    return {
        "query": {"bool": {"filter": [{"terms": {fields.STORY_TEXT: texts}}]}},
        # A text may have come a thousand times; its earliest is enough.
        "collapse": {"field": fields.STORY_TEXT},
        "sort": [{fields.FIRST_SEEN: "asc"}, {fields.ARTICLE_ID: "asc"}],
        "size": len(texts),
        "_source": _COMMON,
        "track_total_hits": False,
    }


def _firsts(newcomers: Sequence[Newcomer], bands: Sequence[str], window: timedelta) -> Search:
    times = [each.first_seen_at for each in newcomers]
    seen = {"gte": _date(min(times) - window), "lte": _date(max(times) + window)}
    filters = [{"terms": {fields.STORY_BANDS: bands}}, {"range": {fields.FIRST_SEEN: seen}}]
    return {
        "query": {"bool": {"filter": filters}},
        "sort": [{fields.FIRST_SEEN: "desc"}, {fields.ARTICLE_ID: "asc"}],
        "size": MAX_FIRSTS,
        "_source": [*_COMMON, fields.TEXT],
        "track_total_hits": False,
    }


def _date(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def _hits(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = answer.get("hits")
    hits = found.get("hits") if isinstance(found, Mapping) else None
    if not isinstance(hits, list):
        raise ServiceUnavailable("a shard could not say which articles tell the same story")
    return hits


def _members(hits: Iterable[Mapping[str, Any]]) -> list[Member]:
    """Each article once: found by its bands too, it comes the second time, with its text."""
    return merged(_member(hit["_source"]) for hit in hits)


def _member(source: Mapping[str, Any]) -> Member:
    text = source.get(fields.TEXT)
    return Member(
        article_id=source[fields.ARTICLE_ID],
        text_id=source[fields.STORY_TEXT],
        first_seen_at=msgspec.convert(source[fields.FIRST_SEEN], datetime),
        story=Story(id=source[fields.STORY], copy_of=source.get(fields.COPY_OF)),
        sketch=NOTHING if text is None else sketch(text),
    )
