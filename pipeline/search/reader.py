"""Asks Elasticsearch."""

from __future__ import annotations

from elasticsearch import AsyncElasticsearch

from pipeline.search.hits import ArticleHit, Hit, StatementHit, article_hit, statement_hit
from pipeline.search.queries import Body, articles_body, statements_body
from pipeline.search.request import SearchRequest
from pipeline.settings import IndexSettings


async def search_articles(
    client: AsyncElasticsearch, settings: IndexSettings, request: SearchRequest
) -> list[ArticleHit]:
    """Best first, or newest first where no words are asked for; at most ``request.limit``.

    Finds nothing where nothing was indexed yet. Lets the client's TransportError and ApiError out.
    """
    hits = await _hits(client, settings.articles, articles_body(request))
    return [article_hit(hit) for hit in hits]


async def search_statements(
    client: AsyncElasticsearch, settings: IndexSettings, request: SearchRequest
) -> list[StatementHit]:
    """As :func:`search_articles`; statements of one article stand in text order."""
    hits = await _hits(client, settings.statements, statements_body(request))
    return [statement_hit(hit) for hit in hits]


async def _hits(client: AsyncElasticsearch, alias: str, body: Body) -> list[Hit]:
    """A part of the answer is no answer: a shard that is missing is an error."""
    answer = await client.search(
        index=alias, ignore_unavailable=True, allow_partial_search_results=False, body=body
    )
    hits: list[Hit] = answer["hits"]["hits"]
    return hits
