"""Asks Elasticsearch for hits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.search.asking import ask, ask_for_hits
from pipeline.search.cursor import cursor_of
from pipeline.search.facets import (
    ARTICLE_FACETS,
    STATEMENT_FACETS,
    TIMELINE,
    Breakdown,
    Facet,
    Timeline,
    aggregations,
    read_facets,
    read_timeline,
)
from pipeline.search.filters import Query
from pipeline.search.hits import ArticleHit, Hit, StatementHit, article_hit, statement_hit
from pipeline.search.queries import (
    Body,
    articles_body,
    articles_query,
    statements_body,
    statements_query,
)
from pipeline.search.request import MAX_LIMIT, SearchRequest
from pipeline.settings import IndexSettings

H = TypeVar("H", ArticleHit, StatementHit)

NOTHING_BESIDE = Breakdown()


class Found(msgspec.Struct, Generic[H], frozen=True, kw_only=True):
    """What a search found: one page of hits.

    ``total`` is how many there are in all; with ``at_least`` there are more, which were not
    counted. ``next`` is the cursor of the next page, None on the last.
    """

    hits: tuple[H, ...]
    total: int
    at_least: bool = False
    next: str | None = None
    facets: dict[str, Facet] = {}
    timeline: Timeline | None = None


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted beside the hits of a search."""

    facets: dict[str, Facet] = {}
    timeline: Timeline | None = None


async def search_articles(
    client: AsyncElasticsearch,
    settings: IndexSettings,
    request: SearchRequest,
    beside: Breakdown = NOTHING_BESIDE,
) -> Found[ArticleHit]:
    """Best first, or newest first where no words are asked for; at most ``request.limit``, and
    fewer where so many are too large for one answer: ``next`` goes on behind them.

    Finds nothing where nothing was indexed yet. Raises InvalidSearch for a facet there is not
    and a cursor of another search; lets the client's TransportError and ApiError out.
    """
    body = articles_body(request) | _counted(beside, ARTICLE_FACETS)
    answer, asked = await ask_for_hits(client, settings.articles, body)
    return _found(answer, asked, article_hit, request, beside)


async def search_statements(
    client: AsyncElasticsearch,
    settings: IndexSettings,
    request: SearchRequest,
    beside: Breakdown = NOTHING_BESIDE,
) -> Found[StatementHit]:
    """As :func:`search_articles`; statements of one article stand in text order."""
    body = statements_body(request) | _counted(beside, STATEMENT_FACETS)
    answer, asked = await ask_for_hits(client, settings.statements, body)
    return _found(answer, asked, statement_hit, request, beside)


async def count_articles(
    client: AsyncElasticsearch, settings: IndexSettings, request: SearchRequest, beside: Breakdown
) -> Counted:
    """What :func:`search_articles` counts, without the hits, which are there sooner without it.

    Elasticsearch remembers counts of indices that do not change, which those of past months are.
    """
    body = _counting(articles_query(request), beside, ARTICLE_FACETS)
    return _counts(await ask(client, settings.articles, body), beside)


async def count_statements(
    client: AsyncElasticsearch, settings: IndexSettings, request: SearchRequest, beside: Breakdown
) -> Counted:
    """As :func:`count_articles`, for :func:`search_statements`."""
    body = _counting(statements_query(request), beside, STATEMENT_FACETS)
    return _counts(await ask(client, settings.statements, body), beside)


Search = Callable[[AsyncElasticsearch, IndexSettings, SearchRequest], "Any"]


async def every_article(
    client: AsyncElasticsearch, settings: IndexSettings, request: SearchRequest, limit: int
) -> AsyncIterator[ArticleHit]:
    """All that a search finds, page after page, at most ``limit``."""
    async for hit in _every(client, settings, request, limit, search_articles):
        yield hit


async def every_statement(
    client: AsyncElasticsearch, settings: IndexSettings, request: SearchRequest, limit: int
) -> AsyncIterator[StatementHit]:
    """All that a search finds, page after page, at most ``limit``."""
    async for hit in _every(client, settings, request, limit, search_statements):
        yield hit


async def _every(
    client: AsyncElasticsearch,
    settings: IndexSettings,
    request: SearchRequest,
    limit: int,
    search: Search,
) -> AsyncIterator[Any]:
    left, most = limit, MAX_LIMIT
    while left > 0:
        request = msgspec.structs.replace(request, limit=min(left, most))
        found = await search(client, settings, request)
        for hit in found.hits:
            yield hit
        left -= len(found.hits)
        if found.next is None:
            return
        # Where the last hits were too large for one answer, the next ones may well be.
        most = min(MAX_LIMIT, 2 * len(found.hits))
        request = msgspec.structs.replace(request, after=found.next)


def _counting(query: Query, beside: Breakdown, known: Mapping[str, str]) -> Body:
    return {"query": query, "size": 0, "track_total_hits": False, **_counted(beside, known)}


def _counts(answer: Mapping[str, Any], beside: Breakdown) -> Counted:
    counted = answer.get("aggregations", {})
    return Counted(facets=read_facets(counted, beside.facets), timeline=_timeline(counted, beside))


def _counted(beside: Breakdown, known: Mapping[str, str]) -> Body:
    counted = aggregations(beside, known)
    return {"aggs": counted} if counted else {}


def _found(
    answer: Mapping[str, Any],
    asked: int,
    read: Callable[[Hit], H],
    request: SearchRequest,
    beside: Breakdown,
) -> Found[H]:
    hits = answer["hits"]["hits"]
    total = answer["hits"]["total"]
    counts = _counts(answer, beside)
    more = len(hits) == asked and not request.stories
    return Found(
        hits=tuple(map(read, hits)),
        total=total["value"],
        at_least=total["relation"] == "gte",
        next=cursor_of(hits[-1]["sort"]) if more else None,
        facets=counts.facets,
        timeline=counts.timeline,
    )


def _timeline(counted: Mapping[str, Any], beside: Breakdown) -> Timeline | None:
    if beside.timeline is None:
        return None
    return read_timeline(counted.get(TIMELINE, {"buckets": []}), beside.timeline)
