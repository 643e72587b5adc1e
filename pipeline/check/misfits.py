"""Takes out of the index what does not fit together: statements without their article, and articles
whose statements are not all there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.index.bulk import Patience, bulk
from pipeline.index.bulk_outcome import Operation, Seen
from pipeline.index.lookup import hits
from pipeline.records import standing
from pipeline.settings import IndexSettings

_ARTICLES_AT_ONCE = 20
_MOST_STATEMENTS = 10_000

Hit = Mapping[str, Any]


async def take_out(
    client: AsyncElasticsearch,
    settings: IndexSettings,
    patience: Patience,
    ids: Iterable[str],
    best: Mapping[str, int],
) -> int:
    """Delete what does not fit of these articles; returns how many documents that were.

    An article that can be indexed anew, because a topic still holds it or one that counts for more
    (``best`` are their standings), is taken out whole. Of one that cannot, only statements of other
    revisions are: nothing is deleted that could not be had again. What a worker writes meanwhile
    counts for more, and stays.
    """
    taken = 0
    remaining = iter(sorted(ids))
    while some := list(islice(remaining, _ARTICLES_AT_ONCE)):
        articles = await _hits(client, settings.articles, {"ids": {"values": some}})
        by_article = {"terms": {fields.ARTICLE_ID: some}}
        statements = await _hits(client, settings.statements, by_article)
        operations = list(deletions(settings, articles, statements, best))
        await bulk(client, operations, max_bytes=settings.bulk_max_bytes, patience=patience)
        taken += len(operations)
    return taken


def deletions(
    settings: IndexSettings,
    articles: Sequence[Hit],
    statements: Sequence[Hit],
    best: Mapping[str, int],
) -> Iterator[Operation]:
    """What to delete of the articles and statements found. Pure."""
    current = {hit["_id"]: (_month(hit, settings.articles), revision_of(hit)) for hit in articles}
    renewed = {hit["_id"] for hit in articles if _standing(hit) <= best.get(hit["_id"], 0)}
    for hit in articles:
        if hit["_id"] in renewed:
            seen = Seen(hit["_seq_no"], hit["_primary_term"])
            yield Operation(index=hit["_index"], id=hit["_id"], over=seen)
    for hit in statements:
        article_id, _, _ = hit["_id"].rpartition("-")
        fits = current.get(article_id) == (_month(hit, settings.statements), revision_of(hit))
        if article_id in renewed or not fits:
            yield Operation(index=hit["_index"], id=hit["_id"], version=hit["_version"])


def revision_of(hit: Hit) -> int:
    """The revision in what was found."""
    return int(hit["fields"][fields.REVISION][0])


def _standing(hit: Hit) -> int:
    return standing(revision_of(hit), next(iter(hit["fields"].get(fields.ORIGIN, ())), None))


def _month(hit: Hit, alias: str) -> str:
    return str(hit["_index"]).removeprefix(f"{alias}-")


async def _hits(client: AsyncElasticsearch, alias: str, query: Mapping[str, Any]) -> list[Hit]:
    answer = await client.search(
        index=alias,
        ignore_unavailable=True,
        query=query,
        size=_MOST_STATEMENTS,
        source=False,
        docvalue_fields=[{"field": name} for name in (fields.REVISION, fields.ORIGIN)],
        seq_no_primary_term=True,
        version=True,
        track_total_hits=False,
        allow_partial_search_results=False,
    )
    return hits(answer)
