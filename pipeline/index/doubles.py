"""Makes one of an article that is in several months, or brings it home: as it came to be before
articles had homes, and after parts were restored from copies of different times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.index.bulk import IndexMissing, bulk_once
from pipeline.index.bulk_outcome import Operation, Seen
from pipeline.index.homes import claims, read_homes
from pipeline.index.lookup import Doc, hits, standing_of
from pipeline.index.provision import Provision
from pipeline.index.revisions import keeping
from pipeline.settings import IndexSettings

MOST_STATEMENTS = 10_000
AT_ONCE = 50
"""Articles; their texts are in memory."""


async def heal_doubles(
    client: AsyncElasticsearch, settings: IndexSettings, ids: Iterable[str]
) -> int:
    """Of each of these articles, keep the version that counts, at its home, which is made where it
    has none; the others become superseded revisions. Returns how many were elsewhere as well, or
    elsewhere alone.

    The others are deleted last: what is killed in between can be repeated. Raises
    ServiceUnavailable and the client's TransportError and ApiError.
    """
    healing = _Healing(client, settings)
    await client.indices.refresh(index=[settings.articles, settings.statements])
    wanted, count = list(ids), 0
    for start in range(0, len(wanted), AT_ONCE):
        for copies in await healing.found(wanted[start : start + AT_ONCE]):
            count += await healing.heal(copies)
    return count


class _Healing:
    def __init__(self, client: AsyncElasticsearch, settings: IndexSettings) -> None:
        self._client = client
        self._settings = settings

    async def found(self, ids: Sequence[str]) -> list[list[Doc]]:
        """The copies of each, oldest revision first."""
        copies: dict[str, list[Doc]] = {}
        for hit in await self._search(self._settings.articles, {"ids": {"values": list(ids)}}):
            copies.setdefault(hit["_id"], []).append(hit)
        return [sorted(each, key=_age) for each in copies.values()]

    async def heal(self, copies: Sequence[Doc]) -> bool:
        """One article; whether there was something to heal."""
        home = await self._home(copies)
        if [self._month(each) for each in copies] == [home]:
            return False
        statements = [await self._statements(copy) for copy in copies]
        newest = copies[-1]
        for copy, its in zip(copies, statements, strict=True):
            if _content(copy) != _content(newest):
                await self._do([self._kept(home, copy, its)])
        if self._month(newest) != home:
            await self._move(copies, statements, home)
        for copy, its in zip(copies, statements, strict=True):
            if self._month(copy) != home:
                await self._do([_deletion(each) for each in (*its, copy)])
        return True

    async def _home(self, copies: Sequence[Doc]) -> str:
        """As it is, or from now on, and then in the earliest month."""
        article_id = copies[0]["_id"]
        await self._do(claims(self._settings, {article_id: min(map(self._month, copies))}))
        return (await read_homes(self._client, self._settings, [article_id]))[article_id]

    async def _move(
        self, copies: Sequence[Doc], statements: Sequence[Sequence[Doc]], home: str
    ) -> None:
        """Write the newest at its home, over what is there, in the order of every write."""
        newest, its = copies[-1], statements[-1]
        at_home = [n for n, each in enumerate(copies) if self._month(each) == home]
        there = [each for n in at_home for each in statements[n]]
        stay = {each["_id"] for each in its}
        index = f"{self._settings.statements}-{home}"
        highest = max((each["_version"] for some in statements for each in some), default=1)
        await self._do([_written(index, each, highest) for each in its])
        await self._do([_deletion(each) for each in there if each["_id"] not in stay])
        over = _seen(copies[at_home[0]]) if at_home else None
        article = Operation(
            index=f"{self._settings.articles}-{home}",
            id=newest["_id"],
            over=over,
            document=msgspec.json.encode(newest["_source"]),
        )
        await self._do([article])

    def _kept(self, home: str, copy: Doc, statements: Sequence[Doc]) -> Operation:
        index = f"{self._settings.revisions}-{home}"
        return keeping(index, copy["_source"], [each["_source"] for each in statements])

    def _month(self, copy: Doc) -> str:
        return str(copy["_index"]).removeprefix(f"{self._settings.articles}-")

    async def _statements(self, copy: Doc) -> list[Doc]:
        index = f"{self._settings.statements}-{self._month(copy)}"
        return await self._search(index, {"term": {fields.ARTICLE_ID: copy["_id"]}})

    async def _search(self, index: str, query: dict[str, Any]) -> list[Doc]:
        answer = await self._client.search(
            index=index,
            ignore_unavailable=True,
            allow_partial_search_results=False,
            query=query,
            size=MOST_STATEMENTS,
            seq_no_primary_term=True,
            version=True,
        )
        return hits(answer)

    async def _do(self, operations: Sequence[Operation]) -> None:
        try:
            await bulk_once(self._client, operations)
        except IndexMissing as missing:
            await Provision(self._client, self._settings).ensure(missing.indices)
            await bulk_once(self._client, operations)


def _age(copy: Doc) -> tuple[int, str]:
    return standing_of(copy["_source"]), copy["_index"]


def _content(copy: Doc) -> str:
    return str(copy["_source"][fields.CONTENT_SHA256])


def _seen(hit: Doc) -> Seen:
    return Seen(hit["_seq_no"], hit["_primary_term"])


def _written(index: str, statement: Doc, version: int) -> Operation:
    document = msgspec.json.encode(statement["_source"])
    return Operation(index=index, id=statement["_id"], version=version, document=document)


def _deletion(hit: Doc) -> Operation:
    return Operation(index=hit["_index"], id=hit["_id"], over=_seen(hit))
