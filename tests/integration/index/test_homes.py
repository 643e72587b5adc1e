"""One document for one id, whatever order, speed, months, workers and kills there are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipeline.index.provision import setup
from pipeline.records import EnrichedArticle
from tests.fakes.debates import debate_at
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

MONTH = timedelta(days=31)


def capture(url: str, seen: datetime, **changes: Any) -> EnrichedArticle:
    """One address as an archive held it at ``seen``."""
    revision = int(seen.timestamp() * 1_000)
    return debate_at(seen, url=url, revision=revision, fetched_at=seen, **changes)


async def test_captures_of_several_months_that_no_search_finds_yet_are_one_article(
    shelf: Shelf,
) -> None:
    await setup(shelf.client, shelf.index.model_copy(update={"refresh_interval": "-1"}))
    for months in (2, 0, 1, 3):
        seen = NOW - months * MONTH
        batch = [capture(f"https://x.example/{n}", seen, title=f"{seen:%B}") for n in range(50)]
        await shelf.indexer().index(batch)
    answer = await shelf.client.indices.refresh(index=f"{shelf.index.articles}-*")
    assert answer["_shards"]["failed"] == 0
    found = await shelf.client.search(index=shelf.index.articles, size=1_000, source=False)
    ids = [hit["_id"] for hit in found["hits"]["hits"]]
    assert len(ids) == len(set(ids)) == 50
