"""What it costs to find the story of each article: beside the model, and beside writing it.

Each figure is a ratio of two measurements of one run on one machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.enrich import story_id
from pipeline.enrich.model import load
from pipeline.index import Indexer
from pipeline.index.client import connect
from pipeline.index.provision import setup
from pipeline.index.sketch import sketch
from pipeline.records import EnrichedArticle
from pipeline.settings import Settings
from tests.fakes.records import NOW, an_enriched_article
from tests.quality.near_copies import pairs

_WARM = 10


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds for the same articles: of the story, and of what it stands beside."""

    articles: int
    story: float
    beside: float

    @property
    def ratio(self) -> float:
        return self.story / self.beside


def sketch_share(settings: Settings, texts: Sequence[str]) -> Cost:
    """CPU seconds of sketches beside those of the bare model, in one process."""
    nlp = load(settings.enrich.models["en"])
    for _ in nlp.pipe(texts[:_WARM]):
        pass
    started = time.process_time()
    for text in texts:
        sketch(text)
    sketched = time.process_time()
    for _ in nlp.pipe(texts):
        pass
    return Cost(
        articles=len(texts),
        story=sketched - started,
        beside=time.process_time() - sketched,
    )


def lookup_share(settings: Settings, texts: list[str]) -> Cost:
    """Wall seconds of the question for stories beside those of the bulk requests, both against the
    real Elasticsearch: the texts first, then one made of each, batch by batch."""
    return asyncio.run(_lookup_share(settings, texts))


async def _lookup_share(settings: Settings, texts: list[str]) -> Cost:
    copies = [pair.text for pair in pairs(texts)]
    every = [_article(number, text) for number, text in enumerate([*texts, *copies])]
    async with connect(settings.elasticsearch) as client:
        await setup(client, settings.index)
        timed = _Timed(client)
        indexer = Indexer(timed, settings.index, lambda: None, clock=_later)  # type: ignore[arg-type]
        size = settings.index.batch_size
        for start in range(0, len(every), size):
            await indexer.index(every[start : start + size])
    return Cost(articles=len(every), story=timed.seconds["msearch"], beside=timed.seconds["bulk"])


def _article(number: int, text: str) -> EnrichedArticle:
    made = an_enriched_article(
        url=f"https://bench.example/{number}",
        text=text,
        first_seen_at=NOW + timedelta(seconds=number),
    )
    return msgspec.structs.replace(made, story_id=story_id(text))


def _later() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


class _Timed:
    """The client, with a clock on two of its requests."""

    def __init__(self, client: AsyncElasticsearch) -> None:
        self._client = client
        self.seconds = {"msearch": 0.0, "bulk": 0.0}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def msearch(self, **arguments: Any) -> Any:
        return await self._clocked("msearch", arguments)

    async def bulk(self, **arguments: Any) -> Any:
        return await self._clocked("bulk", arguments)

    async def _clocked(self, name: str, arguments: dict[str, Any]) -> Any:
        started = time.monotonic()
        try:
            return await getattr(self._client, name)(**arguments)
        finally:
            self.seconds[name] += time.monotonic() - started
