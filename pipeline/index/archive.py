"""Keeps what a batch would overwrite, and what came too late to be written.

The order of steps is the proof that nothing is lost: a version is kept before anything is written
over it, and what is not acknowledged comes again. A worker that lost its partition in the middle of
a batch may still write, but has acknowledged nothing of it: its successor reads the same revisions,
and keeps them in turn. Each has one id, so that none is there twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.index.bulk import Patience
from pipeline.index.bulk_outcome import Final, Operation, Refused
from pipeline.index.documents import statement_document_id
from pipeline.index.lookup import present
from pipeline.index.prepare import Whole
from pipeline.index.revisions import KEPT, KEPT_OF_STATEMENTS, Kept, Replaced, keeping
from pipeline.settings import IndexSettings

T = TypeVar("T")

AT_ONCE = 20
"""Articles that are read in one request: their texts are in memory beside those of the batch."""

Refusals = dict[int, Refused]
"""By the place in the batch."""


class Archive:
    """Writes superseded revisions with ``bulk``, which ends only when each has its outcome."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        settings: IndexSettings,
        patience: Patience,
        bulk: Callable[[Sequence[Operation]], Awaitable[list[Final]]],
    ) -> None:
        self._client = client
        self._settings = settings
        self._patience = patience
        self._bulk = bulk

    async def keep(self, versions: Sequence[Kept]) -> Refusals:
        """Keep these; what is there already is as good. Returns those that were refused."""
        finals = await self._bulk([each.operation for each in versions])
        return {
            version.position: final
            for version, final in zip(versions, finals, strict=True)
            if isinstance(final, Refused)
        }

    async def keep_indexed(self, replaced: Sequence[Replaced]) -> Refusals:
        """Keep what is indexed of these, where it is older. Returns those whose indexed version was
        refused: they must not be written over it."""
        refusals: Refusals = {}
        for some in _slices(replaced):
            indexed = await self._patience.answered(partial(self._read, some))
            refusals |= await self.keep(indexed)
        return refusals

    async def whole(self, wanted: Mapping[str, tuple[str, int]]) -> dict[str, Whole]:
        """How these are indexed, by id, each with the month and the number of its statements; those
        that are not there any more are left out."""
        found: dict[str, Whole] = {}
        for some in _slices(list(wanted.items())):
            found |= await self._patience.answered(partial(self._read_whole, some))
        return found

    async def _read_whole(self, wanted: Sequence[tuple[str, tuple[str, int]]]) -> dict[str, Whole]:
        docs = [
            doc
            for article_id, (month, count) in wanted
            for doc in _docs(self._settings, article_id, month, count)
        ]
        found = await present(self._client, docs)
        return {
            article_id: Whole(
                article=found[article_id],
                statements={
                    each: found[each] for each in _statement_ids(article_id, count) if each in found
                },
            )
            for article_id, (_, count) in wanted
            if article_id in found
        }

    async def _read(self, replaced: Sequence[Replaced]) -> list[Kept]:
        docs = [
            doc
            for each in replaced
            for doc in _docs(
                self._settings,
                each.article_id,
                each.stored.month,
                each.stored.statement_count,
                of_article=list(KEPT),
                of_statements=[*KEPT_OF_STATEMENTS, fields.REVISION],
            )
        ]
        found = await present(self._client, docs)
        versions = (
            _version(self._settings, each, found) for each in replaced if each.article_id in found
        )
        return [version for version in versions if version is not None]


def _slices(several: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(several), AT_ONCE):
        yield several[start : start + AT_ONCE]


def _docs(
    settings: IndexSettings,
    article_id: str,
    month: str,
    count: int,
    *,
    of_article: list[str] | bool = True,
    of_statements: list[str] | bool = True,
) -> Iterator[dict[str, Any]]:
    """What to ask a multi-get for: an article and ``count`` statements, whole or these fields."""
    article = f"{settings.articles}-{month}"
    yield {"_index": article, "_id": article_id, "_source": of_article}
    for each in _statement_ids(article_id, count):
        yield {"_index": f"{settings.statements}-{month}", "_id": each, "_source": of_statements}


def _statement_ids(article_id: str, count: int) -> list[str]:
    return [statement_document_id(article_id, ordinal) for ordinal in range(1, count + 1)]


def _version(
    settings: IndexSettings, replaced: Replaced, found: Mapping[str, Mapping[str, Any]]
) -> Kept | None:
    """None where something else was written since: then it is not overwritten."""
    article = found[replaced.article_id]
    if article[fields.REVISION] != replaced.stored.revision:
        return None
    ids = _statement_ids(replaced.article_id, replaced.stored.statement_count)
    statements = (found[each] for each in ids if each in found)
    index = f"{settings.revisions}-{replaced.stored.month}"
    return Kept(position=replaced.position, operation=keeping(index, article, statements))
