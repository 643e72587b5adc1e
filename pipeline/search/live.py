"""Statements in the order in which they were indexed, from some moment on."""

from __future__ import annotations

from typing import Any, NamedTuple

from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.search.asking import ask
from pipeline.search.hits import StatementHit, statement_hit
from pipeline.settings import IndexSettings

BATCH = 1_000


class Mark(NamedTuple):
    """A place in the order: when a statement was indexed, in milliseconds since the epoch, then its
    article and its ordinal."""

    ingested: int
    article_id: str = ""
    ordinal: int = 0

    def __str__(self) -> str:
        return f"{self.ingested}-{self.article_id}-{self.ordinal}"


def parse_mark(text: str) -> Mark | None:
    """What ``str`` made of a mark; None of anything else."""
    ingested, _, rest = text.partition("-")
    article_id, _, ordinal = rest.rpartition("-")
    if not (_is_number(ingested) and _is_number(ordinal)):
        return None
    return Mark(int(ingested), article_id, int(ordinal))


async def newest_mark(client: AsyncElasticsearch, settings: IndexSettings) -> Mark:
    """The place after all that can be found now."""
    body = _body(size=1, order="desc")
    hits = (await ask(client, settings.statements, body))["hits"]["hits"]
    return Mark(*hits[0]["sort"]) if hits else Mark(0)


async def statements_since(
    client: AsyncElasticsearch, settings: IndexSettings, mark: Mark
) -> list[tuple[Mark, StatementHit]]:
    """The statements after ``mark``, each with its own, at most ``BATCH``.

    A batch becomes visible as a whole, but several indexers may finish out of order: ask again from
    a little earlier, and leave out what was seen.
    """
    body = _body(size=BATCH, order="asc") | {"search_after": list(mark)}
    hits = (await ask(client, settings.statements, body))["hits"]["hits"]
    return [(Mark(*hit["sort"]), statement_hit(hit)) for hit in hits]


def earlier(mark: Mark, milliseconds: int) -> Mark:
    """The place so long before."""
    return Mark(max(0, mark.ingested - milliseconds))


def _body(*, size: int, order: str) -> dict[str, Any]:
    keys = (fields.INGESTED, fields.ARTICLE_ID, fields.ORDINAL)
    return {
        "query": {"match_all": {}},
        "sort": [{key: order} for key in keys],
        "size": size,
        "track_total_hits": False,
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15
