"""Writes to an index by its name, past the write alias: for what makes and mends indices, and for
nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.index.bulk_outcome import CONFLICT, NOT_FOUND
from pipeline.index.lookup import Doc, hits, listed

PAGE = 1_000
"""Documents that are in memory at a time."""

KEPT_OPEN = "5m"
"""For one page to be dealt with."""


class Put(msgspec.Struct, frozen=True):
    """A document under its id, where no newer one is; without ``version`` where there is none."""

    id: str
    document: bytes
    version: int | None = None


class Take(msgspec.Struct, frozen=True):
    """Delete an id, which has this version or an older one."""

    id: str
    version: int


async def write(client: AsyncElasticsearch, index: str, changes: Sequence[Put | Take]) -> None:
    """Carry these out; what is newer, or gone, stays as it is.

    Raises ServiceUnavailable where one was not taken, and lets the client's errors out.
    """
    if not changes:
        return
    lines = [line for each in changes for line in _lines(index, each)]
    answer = await client.bulk(operations=cast("Any", lines), require_alias=False)
    for item in listed(answer, "items"):
        result = next(iter(item.values()))
        error = result.get("error")
        if error and result.get("status") not in {CONFLICT, NOT_FOUND}:
            raise ServiceUnavailable(f"{index} does not take a document: {error.get('type')}")
        if error and result.get("status") == NOT_FOUND:
            raise ServiceUnavailable(f"there is no index {index}")


def _lines(index: str, change: Put | Take) -> tuple[bytes, ...]:
    target: dict[str, Any] = {"_index": index, "_id": change.id}
    if change.version is not None:
        target |= {"version": change.version, "version_type": "external_gte"}
    if isinstance(change, Take):
        return (msgspec.json.encode({"delete": target}),)
    action = "create" if change.version is None else "index"
    return msgspec.json.encode({action: target}), change.document


async def pages(
    client: AsyncElasticsearch,
    index: str,
    query: Mapping[str, Any],
    size: int = PAGE,
    **wanted: Any,
) -> AsyncIterator[list[Doc]]:
    """Everything that ``query`` finds, as it is now, whatever is written meanwhile and however its
    fields are mapped, ``size`` documents a page; ``wanted`` is passed to the search. Raises as
    :func:`write`."""
    await client.indices.refresh(index=index)
    answer = await client.search(
        index=index, query=query, sort=["_doc"], size=size, scroll=KEPT_OPEN, **wanted
    )
    try:
        while page := hits(answer):
            yield page
            answer = await client.scroll(scroll_id=answer["_scroll_id"], scroll=KEPT_OPEN)
    finally:
        await client.clear_scroll(scroll_id=answer["_scroll_id"])
