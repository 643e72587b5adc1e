"""New statements reach everyone who listens, once, and whoever comes back goes on."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from httpx import AsyncClient, Response

from pipeline.search.library import Library
from tests.fakes.debates import a_debate
from tests.integration.shelf import Shelf
from tests.integration.web.served import served

STREAM = "/api/v1/statements/stream"


async def events(answer: Response, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The next events of a stream, each with its id."""
    found: list[tuple[str, dict[str, Any]]] = []
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            name = line.removeprefix("id: ")
        elif line.startswith("data: "):
            found.append((name, json.loads(line.removeprefix("data: "))))
        if len(found) == count:
            break
    return found


async def index(shelf: Shelf, number: int) -> None:
    url = f"https://courier.example/new/{number}"
    new = a_debate(id=f"{number:032x}", url=url, canonical_url=url, title=f"New {number}")
    await shelf.indexer().index([new])


async def test_what_is_indexed_reaches_all_listeners_once(shelf: Shelf, library: Library) -> None:
    async with served(library) as address, AsyncClient(base_url=address, timeout=20) as client:

        async def listen(count: int) -> list[tuple[str, dict[str, Any]]]:
            async with client.stream("GET", STREAM) as answer:
                assert answer.headers["Content-Type"].startswith("text/event-stream")
                return await asyncio.wait_for(events(answer, count), 15)

        listeners = [asyncio.create_task(listen(4)) for _ in range(2)]
        await asyncio.sleep(1.5)
        await index(shelf, 100)
        await index(shelf, 101)
        for heard in await asyncio.gather(*listeners):
            assert [each["title"] for _, each in heard] == ["New 100"] * 2 + ["New 101"] * 2
            assert len({name for name, _ in heard}) == 4


async def test_whoever_comes_back_hears_what_was_missed(shelf: Shelf, library: Library) -> None:
    async with served(library) as address, AsyncClient(base_url=address, timeout=20) as client:
        await index(shelf, 100)
        await shelf.client.indices.refresh(index=shelf.index.statements)
        after = {"Last-Event-ID": "0--0"}
        async with client.stream("GET", STREAM, headers=after) as answer:
            heard = await asyncio.wait_for(events(answer, 3), 15)
        after = {"Last-Event-ID": heard[0][0]}
        async with client.stream("GET", STREAM, headers=after) as answer:
            again = await asyncio.wait_for(events(answer, 2), 15)
    assert [name for name, _ in again] == [name for name, _ in heard[1:]]


async def test_a_listener_does_not_keep_the_server_from_stopping(library: Library) -> None:
    async with AsyncClient(timeout=20) as client:
        async with served(library) as address:
            streaming = client.stream("GET", address + STREAM)
            answer = await streaming.__aenter__()
            assert answer.status_code == 200
            started = time.monotonic()
        assert time.monotonic() - started < 4
        await streaming.__aexit__(None, None, None)
