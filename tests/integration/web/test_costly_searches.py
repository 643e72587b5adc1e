"""The dearest searches there may be, from several clients at once: the probes answer meanwhile."""

from __future__ import annotations

import asyncio
import time

import httpx

from pipeline.index.client import connect
from pipeline.search.library import Library
from tests.fakes.debates import a_debate
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf
from tests.integration.web.served import served

ARTICLES, PAGES = 2_000, 12
DEAREST = {
    "text": "wai* deb* lin* " + " ".join(f"| word{n}" for n in range(25)),
    "facet": ["speaker", "source", "about", "role", "type", "kind"],
    "timeline": "true",
    "limit": 1_000,
}


async def test_the_probes_answer_beside_twelve_of_the_dearest_searches(shelf: Shelf) -> None:
    """Measured before: /readyz took 28 seconds."""
    for start in range(0, ARTICLES, 100):
        await shelf.indexer().index(
            [
                a_debate(
                    id=f"{number:032x}",
                    url=f"https://x.example/{number}",
                    canonical_url=f"https://x.example/{number}",
                    title=f"Debate word{number} waiting{number} linden{number}",
                    statements=4,
                    published_at=NOW,
                )
                for number in range(start, start + 100)
            ]
        )
    await shelf.client.indices.refresh(index=",".join(shelf.index.aliases), ignore_unavailable=True)
    async with connect(shelf.settings.elasticsearch) as probe:
        library = Library(shelf.client, shelf.index, probe)
        async with (
            served(library) as address,
            httpx.AsyncClient(base_url=address, timeout=60) as client,
        ):
            searching = [
                asyncio.create_task(client.get("/api/v1/statements", params=DEAREST))
                for _ in range(PAGES)
            ]
            slowest = 0.0
            while not all(task.done() for task in searching):
                started = time.monotonic()
                assert (await client.get("/readyz")).status_code == 200
                slowest = max(slowest, time.monotonic() - started)
                await asyncio.sleep(0.02)
            answers = [task.result() for task in searching]
    assert slowest < 1.0
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["hits"] for answer in answers)
