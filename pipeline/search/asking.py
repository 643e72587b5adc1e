"""One search of Elasticsearch: a few at a time, with an end, and whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from elasticsearch import ApiError, AsyncElasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.index.bounded_node import AnswerTooLarge
from pipeline.search.request import InvalidSearch

Body = dict[str, Any]

AT_ONCE = 6
"""Searches that one process has Elasticsearch do at a time; the others wait."""
WAIT_SECONDS = 10.0
LONGEST_SECONDS = 10.0
MOST_BYTES = 8 << 20
"""Of one answer of Elasticsearch to a search that others ask of us: it is held several times over
until it is told."""
_FEWER = 8
_TOO_MUCH = f"finds more than {MOST_BYTES >> 20} MB at once; narrow it down"
_TOO_LONG = "takes too long; ask for fewer words, or a shorter time (since, until)"
_TIMED_OUT = ("time exceeded", "search_timeout_exception")  # 504, or 429 of 9.5

_turns: WeakKeyDictionary[AsyncElasticsearch, asyncio.Semaphore] = WeakKeyDictionary()


async def ask(client: AsyncElasticsearch, alias: str, body: Body) -> Mapping[str, Any]:
    """The answer to a search; a part of it is none: a shard that is missing is an error.

    Raises InvalidSearch for one that takes over :data:`LONGEST_SECONDS`, or whose answer is too
    large for the client, ServiceUnavailable where others leave it no turn; lets the client's
    TransportError and ApiError out.
    """
    try:
        return await _ask(client, alias, body)
    except AnswerTooLarge as error:
        raise InvalidSearch(_TOO_MUCH) from error


async def ask_for_hits(
    client: AsyncElasticsearch, alias: str, body: Body
) -> tuple[Mapping[str, Any], int]:
    """As :func:`ask`, with fewer hits than the ``size`` of ``body`` where these are too large for
    one answer; and how many were asked for in the end."""
    size = body["size"]
    while size > 1:
        try:
            return await _ask(client, alias, {**body, "size": size}), size
        except AnswerTooLarge:
            size = max(1, size // _FEWER)
    return await ask(client, alias, {**body, "size": size}), size


async def _ask(client: AsyncElasticsearch, alias: str, body: Body) -> Mapping[str, Any]:
    async with _turn(client):
        try:
            answer = await client.search(
                index=alias,
                ignore_unavailable=True,
                allow_partial_search_results=False,
                body={**body, "timeout": f"{LONGEST_SECONDS:g}s"},
            )
        except ApiError as error:
            told = str(error.body).lower()
            if any(each in told for each in _TIMED_OUT):
                raise InvalidSearch(_TOO_LONG) from error
            raise
    found: Mapping[str, Any] = answer.body
    if found.get("timed_out"):
        raise InvalidSearch(_TOO_LONG)
    return found


@asynccontextmanager
async def _turn(client: AsyncElasticsearch) -> AsyncIterator[None]:
    turns = _turns.setdefault(client, asyncio.Semaphore(AT_ONCE))
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await turns.acquire()
    except TimeoutError as error:
        raise ServiceUnavailable("others search for too much now; try again") from error
    try:
        yield
    finally:
        turns.release()
