"""Puts right what earlier faults left in the index; asked by `pipeline check --repair`.

An index is mended by way of a copy: what has to change is copied to an index beside it, changed on
the way, taken out, and put in again. While the copy is there, :mod:`provision` gives the index no
write alias, so that whoever indexes waits. What is killed in between goes on where it was: the copy
says whether it is whole. Outages are the caller's: ServiceUnavailable and the client's
TransportError and ApiError come out, and all of it can be repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.index.direct import Put, Take, pages, write
from pipeline.index.documents import FUTURE_SKEW, milliseconds
from pipeline.index.existing import existing_indices
from pipeline.index.homes import give_homes
from pipeline.index.lookup import Doc, standing_of
from pipeline.index.names import is_named, mending, write_alias
from pipeline.index.provision import Provision
from pipeline.index.templates import index_body, kinds
from pipeline.settings import IndexSettings

NEWEST = 2**63 - 1
FORGETTING_SECONDS = 0.5
"""Until Elasticsearch has forgotten which version was deleted, once it is to forget at once."""

EVERYTHING: Mapping[str, Any] = {"match_all": {}}

Source = dict[str, Any]
Change = Callable[[Source], Source]


def unchanged(source: Source) -> Source:
    """As it is."""
    return source


async def indices_not_ours(client: AsyncElasticsearch, settings: IndexSettings) -> list[str]:
    """Indices that are named as ours and were made by nobody's hand: they guess their mappings, and
    what was written to them is found by no search. Also those whose mending was broken off."""
    found: list[str] = []
    for kind in kinds(settings):
        every = await existing_indices(client, kind.alias)
        found += [each.name for each in every if not each.is_ours or each.mended]
        copies = await client.indices.get(index=mending(f"{kind.alias}-*"), features=["aliases"])
        found += [name.removeprefix(mending("")) for name in copies]
    return sorted(set(found))


async def rebuild(client: AsyncElasticsearch, settings: IndexSettings, index: str) -> int:
    """Put the documents of an index into a proper one of that name; returns how many."""
    return await _Mending(client, settings, index).run(EVERYTHING, unchanged, whole=True)


async def heal_clocks(client: AsyncElasticsearch, settings: IndexSettings, now: datetime) -> int:
    """Give documents from the future, which keep out every correction, the revision they should
    have: the time they were indexed. Returns how many there were.

    An article and its statements were indexed at one time, so that they keep one revision.
    """
    articles, statements, *_ = kinds(settings)
    latest = milliseconds(now + FUTURE_SKEW)
    query = {"range": {fields.REVISION: {"gt": latest}}}
    count = 0
    for kind in (statements, articles):
        for each in await existing_indices(client, kind.alias):
            if not each.is_ours:
                continue
            found = await client.count(index=each.name, query=query)
            if found["count"] or each.mended:
                mend = _Mending(client, settings, each.name)
                count += await mend.run(query, lambda source: _as_indexed(source, now), whole=False)
    return count


def _as_indexed(source: Source, now: datetime) -> Source:
    indexed = msgspec.convert(source[fields.INGESTED], datetime)
    return source | {fields.REVISION: milliseconds(min(indexed, now))}


class _Mending:
    """Of one index."""

    def __init__(self, client: AsyncElasticsearch, settings: IndexSettings, index: str) -> None:
        self._client = client
        self._settings = settings
        self._index = index
        self._copy = mending(index)
        self._kind = next(each for each in kinds(settings) if is_named(index, each.alias))

    async def run(self, query: Mapping[str, Any], change: Change, *, whole: bool) -> int:
        """Change what ``query`` finds. ``whole``: the index is made anew, and everything is found.

        Returns how many documents there were.
        """
        provision = Provision(self._client, self._settings)
        await provision.setup()
        if not await self._is_copied():
            await self._lock()
            await self._fill(query, change)
        if whole:
            await self._make_anew()
        else:
            await self._take_out()
        count = await self._put_in()
        await self._client.indices.delete(index=self._copy)
        await provision.setup()
        return count

    async def _is_copied(self) -> bool:
        found = await self._client.indices.get(index=self._copy, ignore_unavailable=True)
        meta = found.get(self._copy, {}).get("mappings", {}).get("_meta", {})
        return bool(meta.get("whole"))

    async def _lock(self) -> None:
        """No index may be written through its alias while its copy is there."""
        await self._client.indices.delete(index=self._copy, ignore_unavailable=True)
        body = index_body(self._kind, self._settings)
        await self._client.indices.create(index=self._copy, **body)
        aliases = await self._client.indices.get_alias(index=self._index)
        if write_alias(self._index) in aliases[self._index]["aliases"]:
            await self._client.indices.delete_alias(
                index=self._index, name=write_alias(self._index)
            )

    async def _fill(self, query: Mapping[str, Any], change: Change) -> None:
        async for page in pages(self._client, self._index, query):
            await write(self._client, self._copy, [_put(each, change) for each in page])
        body = index_body(self._kind, self._settings, whole=True)
        await self._client.indices.put_mapping(index=self._copy, meta=body["mappings"]["_meta"])

    async def _make_anew(self) -> None:
        """The first time, the index is not one of ours; then it is, and holds a part."""
        every = await existing_indices(self._client, self._kind.alias)
        found = next((each for each in every if each.name == self._index), None)
        if found is not None and not found.is_ours:
            await self._client.indices.delete(index=self._index)
            found = None
        if found is None:
            body = index_body(self._kind, self._settings)
            await self._client.indices.create(index=self._index, **body)

    async def _take_out(self) -> None:
        """Deleted versions must be forgotten at once: what is put in again may have a lower one."""
        await self._remember_deletions("0s")
        await asyncio.sleep(FORGETTING_SECONDS)
        async for page in pages(self._client, self._copy, EVERYTHING):
            await write(self._client, self._index, [Take(each["_id"], NEWEST) for each in page])
        await self._client.indices.refresh(index=self._index)
        await asyncio.sleep(FORGETTING_SECONDS)

    async def _put_in(self) -> int:
        count = 0
        async for page in pages(self._client, self._copy, EVERYTHING):
            await write(self._client, self._index, [_put(each, unchanged) for each in page])
            count += len(page)
        await self._remember_deletions(None)
        if self._kind.alias == self._settings.articles:
            await give_homes(self._client, self._settings, self._index)
        return count

    async def _remember_deletions(self, time: str | None) -> None:
        body = index_body(self._kind, self._settings)
        value = body["settings"]["gc_deletes"] if time is None else time
        await self._client.indices.put_settings(index=self._index, settings={"gc_deletes": value})


def _put(hit: Doc, change: Change) -> Put:
    """Documents of articles carry their standing as version; others have none."""
    source = change(hit["_source"])
    version = standing_of(source) if fields.REVISION in source else None
    return Put(id=hit["_id"], document=msgspec.json.encode(source), version=version)
