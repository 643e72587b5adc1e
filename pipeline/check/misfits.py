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
from pipeline.settings import IndexSettings

_ARTICLES_AT_ONCE = 20
_MOST_STATEMENTS = 10_000

Hit = Mapping[str, Any]


async def take_out(
    client: AsyncElasticsearch,
    settings: IndexSettings,
    patience: Patience,
    ids: Iterable[str],
    newest: Mapping[str, int],
) -> int:
    """Delete what does not fit of these articles; returns how many documents that were.

    An article that can be indexed anew, because a topic still holds its ``newest`` revision, is
    taken out whole. Of one that cannot, only statements of other revisions are: nothing is deleted
    that could not be had again. What a worker writes meanwhile is newer, and stays.
    """
    taken = 0
    remaining = iter(sorted(ids))
    while some := list(islice(remaining, _ARTICLES_AT_ONCE)):
        articles = await _hits(client, settings.articles, {"ids": {"values": some}})
        by_article = {"terms": {fields.ARTICLE_ID: some}}
        statements = await _hits(client, settings.statements, by_article)
        operations = list(deletions(settings, articles, statements, newest))
        await bulk(client, operations, max_bytes=settings.bulk_max_bytes, patience=patience)
        taken += len(operations)
    return taken


def deletions(
    settings: IndexSettings,
    articles: Sequence[Hit],
    statements: Sequence[Hit],
    newest: Mapping[str, int],
) -> Iterator[Operation]:
    """What to delete of the articles and statements found. Pure."""
    current = {hit["_id"]: (_month(hit, settings.articles), revision_of(hit)) for hit in articles}
    renewed = {each for each, (_, revision) in current.items() if revision <= newest.get(each, 0)}
    for hit in articles:
        if hit["_id"] in renewed:
            seen = Seen(hit["_seq_no"], hit["_primary_term"])
            yield Operation(index=hit["_index"], id=hit["_id"], over=seen)
    for hit in statements:
        article_id, _, _ = hit["_id"].rpartition("-")
        fits = current.get(article_id) == (_month(hit, settings.statements), revision_of(hit))
        if article_id in renewed or not fits:
            yield Operation(index=hit["_index"], id=hit["_id"], version=revision_of(hit))


def revision_of(hit: Hit) -> int:
    """The revision in what was found."""
    return int(hit["fields"][fields.REVISION][0])


def _month(hit: Hit, alias: str) -> str:
    return str(hit["_index"]).removeprefix(f"{alias}-")


async def _hits(client: AsyncElasticsearch, alias: str, query: Mapping[str, Any]) -> list[Hit]:
    answer = await client.search(
        index=alias,
        ignore_unavailable=True,
        query=query,
        size=_MOST_STATEMENTS,
        source=False,
        docvalue_fields=[{"field": fields.REVISION}],
        seq_no_primary_term=True,
        track_total_hits=False,
        allow_partial_search_results=False,
    )
    return hits(answer)
