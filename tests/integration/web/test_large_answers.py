"""What a client may ask for makes the server grow by so much, however long what it finds is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from msgspec.structs import replace

from pipeline.records import EnrichedArticle, Span
from tests.fakes.debates import SENTENCE, a_debate
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf
from tests.memory import peak_megabytes, resident_megabytes
from tests.running import running
from tests.stacks import free_ports, updated
from tests.waiting import eventually

ARTICLES, LONG = 120, 150_000
ASKED = (
    "/api/v1/statements?text=water&limit=1000",
    "/api/v1/articles?text=water&limit=1000",
    "/api/v1/statements/export?text=water",
    "/api/v1/articles/export?text=water&format=csv",
    "/statements?text=water",
    f"/api/v1/articles/{1:032x}",
)


def a_long_one(number: int) -> EnrichedArticle:
    """One statement, as long as all of its article."""
    url = f"https://x.example/{number}"
    made = a_debate(id=f"{number:032x}", url=url, canonical_url=url, statements=1, published_at=NOW)
    more = "until the water of the river has gone. " * (LONG // 39)
    (statement,) = made.annotations.statements
    start = statement.content.span.start
    text = SENTENCE.rstrip(". ") + " " + more.strip()
    whole = Span(start, len(text))
    content = replace(statement.content, text=text[start:], span=whole, parts=(whole,))
    annotations = replace(made.annotations, statements=(replace(statement, content=content),))
    return replace(made, article=replace(made.article, text=text), annotations=annotations)


async def indexed(shelf: Shelf, count: int) -> None:
    for start in range(0, count, 2):  # aiohttp warns of bodies over a megabyte
        await shelf.indexer().index([a_long_one(n) for n in (start, start + 1)])
    await shelf.client.indices.refresh(index=",".join(shelf.index.aliases), ignore_unavailable=True)


@asynccontextmanager
async def serving(shelf: Shelf) -> AsyncIterator[tuple[int, httpx.AsyncClient]]:
    """The server as a process of its own, and a client of it."""
    (port,) = free_ports(1)
    line = updated(shelf.settings, {"api": {"listen": f"127.0.0.1:{port}"}})
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    with running(line, "serve") as process:
        assert eventually(answers, 60)
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            yield process.pid, client


async def test_no_answer_makes_the_server_grow_by_64_megabytes(shelf: Shelf) -> None:
    """Statements as long as their articles, two megabytes each three times over."""
    await indexed(shelf, ARTICLES)
    async with serving(shelf) as (pid, client):
        for path in ("/", "/statements?text=dam", "/api/v1/statements?text=dam"):  # loads
            await client.get(path)
        grown = {}
        for path in ASKED:
            before = resident_megabytes(pid)
            async with client.stream("GET", path) as answer:
                assert answer.status_code == 200
                async for _ in answer.aiter_bytes():
                    pass
            grown[path] = peak_megabytes(pid) - before
    assert max(grown.values()) < 64, grown


async def test_what_is_too_large_for_one_answer_comes_in_several(shelf: Shelf) -> None:
    await indexed(shelf, 60)
    found: list[str] = []
    asked = {"text": "water", "limit": "50", "order": "newest"}
    async with serving(shelf) as (_, client):
        while len(found) < 100:
            answer = (await client.get("/api/v1/statements", params=asked)).json()
            found += [hit["article_id"] for hit in answer["hits"]]
            if answer["next"] is None:
                break
            asked["after"] = answer["next"]
        lines = (await client.get("/api/v1/statements/export?text=water")).text.splitlines()
    assert len(found) == len(set(found)) == len(lines) == 60
