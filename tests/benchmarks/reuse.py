"""How fast articles are enriched when most are syndicated copies, beside as many different ones.

Both go through one pool of model processes in batches as the line's; its memory knows none of them
at first.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

import msgspec

from pipeline.enrich import ModelPool, describe, enrich
from pipeline.records import Article, EnrichedArticle
from pipeline.settings import Settings
from tests.benchmarks.texts import made_texts
from tests.fakes.records import NOW, an_article

_COPIES = 5  # of a text, the first one included: four in five articles are copies


class Reuse(msgspec.Struct, frozen=True, kw_only=True):
    """Articles per second: all of them different, and four in five copies under other headlines."""

    articles: int
    different: float
    syndicated: float

    @property
    def ratio(self) -> float:
        return self.syndicated / self.different


def reuse_speed(settings: Settings, articles: int) -> Reuse:
    """Measure both in one run, the different ones first."""
    return asyncio.run(_reuse_speed(settings, articles))


async def _reuse_speed(settings: Settings, count: int) -> Reuse:
    pool = ModelPool(settings.enrich.models, processes=settings.enrich.process_count)
    await pool.start()
    try:
        await _seconds(pool, settings, _articles(made_texts(20, seed=3)))  # word lists are read
        different = await _seconds(pool, settings, _articles(made_texts(count, seed=1)))
        copies = made_texts(count // _COPIES, seed=2) * _COPIES
        random.Random(1).shuffle(copies)
        syndicated = await _seconds(pool, settings, _articles(copies))
    finally:
        await pool.close()
    return Reuse(articles=count, different=count / different, syndicated=len(copies) / syndicated)


def _articles(texts: Sequence[str]) -> list[Article]:
    return [
        an_article(url=f"https://bench.example/{number}", title=f"Headline {number}", text=text)
        for number, text in enumerate(texts)
    ]


async def _seconds(pool: ModelPool, settings: Settings, articles: list[Article]) -> float:
    models, size = describe(settings.enrich.models), settings.enrich.batch_size
    started = time.monotonic()
    for start in range(0, len(articles), size):
        done = await enrich(articles[start : start + size], pool.annotate, models, NOW)
        assert all(isinstance(each, EnrichedArticle) for each in done)
    return time.monotonic() - started
