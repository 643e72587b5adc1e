"""Searches over a great many statements while more are indexed: what the API takes beside
Elasticsearch alone, and what the page takes beside the API.

Each search is sent both ways, one after the other, taking turns at being first: the second finds
the pages of the index in memory. Percentiles are of the whole run.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any, TypeAlias
from urllib.parse import urlencode

import httpx
import msgspec
from playwright.async_api import Page, async_playwright

from pipeline.index import Indexer
from pipeline.index.client import connect
from pipeline.search.facets import STATEMENT_FACETS as KNOWN
from pipeline.search.facets import aggregations
from pipeline.search.queries import statements_body
from pipeline.settings import Settings
from pipeline.web.app import PREFIX
from pipeline.web.pages.search_page import STATEMENT_FACETS
from pipeline.web.params import StatementPage
from tests.benchmarks.debates import STATEMENTS_PER_ARTICLE, Newsroom
from tests.browser import chromium

Search: TypeAlias = dict[str, str]
Measure = Callable[[Search], Awaitable[float]]

_BATCH = 1_000  # articles
_INDEXED_PER_SECOND = 20  # articles, while searches are timed: what the line does on two cores
_OTHER_SEED = 2
_PATIENCE_SECONDS = 60.0
# The last paint with something larger in it than before: the results are by far the largest. It is
# asked for a while after the end, as a paint is told of when it is on the screen.
_PAINTED = """async () => {
  await new Promise(ended => setTimeout(ended, 150));
  return new Promise(resolve => new PerformanceObserver(list => {
    const last = list.getEntries().at(-1);
    resolve([last.startTime, last.element?.closest("[data-hit]") !== null]);
  }).observe({type: "largest-contentful-paint", buffered: true}));
}"""


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of the same searches, one way and the other."""

    ours: list[float]
    beside: list[float]

    @property
    def ratio(self) -> float:
        """Of the 95th percentiles."""
        return p95(self.ours) / p95(self.beside)

    @property
    def median_ratio(self) -> float:
        """Of the medians."""
        return median(self.ours) / median(self.beside)


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20)[-1]


async def fill(settings: Settings, statements: int) -> float:
    """Index so many made statements; the articles indexed a second."""
    room = Newsroom(datetime.now(UTC) - timedelta(hours=1))
    count = max(1, statements // STATEMENTS_PER_ARTICLE)
    started = time.monotonic()
    async with connect(settings.elasticsearch) as client:
        indexer = Indexer(client, settings.index, lambda: None)
        for start in range(0, count, _BATCH):
            await indexer.index(list(room.articles(min(_BATCH, count - start))))
        await client.indices.refresh(index=settings.index.statements)
    return count / (time.monotonic() - started)


@contextmanager
def indexing(settings: Settings) -> Iterator[None]:
    """New articles are indexed all the while, by another process."""
    process = multiprocessing.get_context("spawn").Process(
        target=_keep_indexing, args=(settings,), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _keep_indexing(settings: Settings) -> None:
    asyncio.run(_index_on(settings))


async def _index_on(settings: Settings) -> None:
    room = Newsroom(datetime.now(UTC), seed=_OTHER_SEED)
    async with connect(settings.elasticsearch) as client:
        indexer = Indexer(client, settings.index, lambda: None)
        due = time.monotonic()
        while True:
            due += 1.0
            seen_at = datetime.now(UTC)
            await indexer.index(list(room.articles(_INDEXED_PER_SECOND, seen_at=seen_at)))
            await asyncio.sleep(max(0.0, due - time.monotonic()))


def searches(count: int) -> list[Search]:
    """What analysts ask for: words, phrases, names, times, and those together."""
    room = Newsroom(datetime.now(UTC) - timedelta(hours=1))
    texts = [each.article.text for each in room.articles(count)]
    kinds: list[Callable[[int], Search]] = [
        lambda n: {"text": room.words[10 + n]},
        lambda n: {"text": f"{room.words[10 + n]} {room.words[30 + n]}"},
        lambda n: {"text": '"' + " ".join(texts[n].split()[6:8]) + '"'},
        lambda n: {"speaker": room.people[n]},
        lambda n: {"speaker": room.people[n], "text": room.words[5 + n]},
        lambda n: {"entity": room.places[n % len(room.places)], "since": "30d"},
        lambda n: {"source": room.sources[n % len(room.sources)], "since": f"{1 + n}d"},
        lambda n: {"role": "minister", "text": f"{room.words[n]} -{room.words[5 + n]}"},
    ]
    return [kinds[number % len(kinds)](number // len(kinds)) for number in range(count)]


async def api_beside_elasticsearch(settings: Settings, base: str, count: int) -> Timed:
    """The API's answers with all facets of the page, beside the same query sent directly."""
    async with _client(base) as api, _client(settings.elasticsearch.hosts[0]) as elasticsearch:
        await _answering(api)
        return await _in_turns(
            searches(count),
            lambda asked: _seconds(_api_call(api, asked)),
            lambda asked: _seconds(_direct_call(elasticsearch, settings, asked)),
        )


async def page_beside_api(base: str, count: int) -> Timed | None:
    """Until the results are painted, beside the answer of the API; None without a Chromium."""
    path, _ = chromium.find()
    if path is None:
        return None
    async with async_playwright() as playwright, _client(base) as api:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(chromium.ARGUMENTS)
        )
        page = await browser.new_page(base_url=base)
        await _painted(page, {"text": "warm"})
        timed = await _in_turns(
            searches(count),
            lambda asked: _painted(page, asked),
            lambda asked: _seconds(_api_call(api, asked)),
        )
        await browser.close()
    return timed


async def _in_turns(asked: Sequence[Search], ours: Measure, beside: Measure) -> Timed:
    """Each search both ways, now the one first and now the other."""
    timed = Timed(ours=[], beside=[])
    ways = [(timed.beside, beside), (timed.ours, ours)]
    for number, each in enumerate(asked):
        for seconds, measure in reversed(ways) if number % 2 else ways:
            seconds.append(await measure(each))
    return timed


async def _painted(page: Page, asked: Search) -> float:
    await page.goto(f"/statements?{urlencode(asked)}")
    milliseconds, is_hit = await page.evaluate(_PAINTED)
    if not is_hit and await page.locator("[data-hit]").count():
        raise AssertionError("the largest paint is not that of a result")
    return float(milliseconds) / 1000


def _api_call(api: httpx.AsyncClient, asked: Search) -> Callable[[], Awaitable[Any]]:
    facets = [("facet", name) for name in STATEMENT_FACETS]
    address = f"{PREFIX}/statements?{urlencode([*asked.items(), *facets, ('timeline', 'true')])}"
    return lambda: api.get(address)


def _direct_call(
    elasticsearch: httpx.AsyncClient, settings: Settings, asked: Search
) -> Callable[[], Awaitable[Any]]:
    now = datetime.now(UTC)
    page = StatementPage.model_validate(
        {**asked, "facet": list(STATEMENT_FACETS), "timeline": True}
    )
    body = statements_body(page.request(now)) | {"aggs": aggregations(page.beside(now), KNOWN)}
    address = f"/{settings.index.statements}/_search?ignore_unavailable=true"
    return lambda: elasticsearch.post(address, json=body)


async def _seconds(call: Callable[[], Awaitable[Any]]) -> float:
    started = time.monotonic()
    answer = await call()
    ended = time.monotonic()
    answer.raise_for_status()
    return ended - started


async def _answering(api: httpx.AsyncClient) -> None:
    """Return when the server is up."""
    for _ in range(int(_PATIENCE_SECONDS / 0.2)):
        with suppress(httpx.HTTPError):
            (await api.get(f"{PREFIX}/statements")).raise_for_status()
            break
        await asyncio.sleep(0.2)


def _client(base: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base, timeout=_PATIENCE_SECONDS)
