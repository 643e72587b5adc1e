"""The indices of one line, with what tests want to do to them and know of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from elasticsearch import AsyncElasticsearch

from pipeline.index import Indexer
from pipeline.settings import IndexSettings, Settings
from tests.fakes.records import NOW

PATIENCE = 100


class Shelf:
    """The indices of one line, with what tests want to do to them and know of them."""

    def __init__(self, client: AsyncElasticsearch, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.waits: list[float] = []
        self.beats = 0
        self._beaten = asyncio.Condition()

    @property
    def index(self) -> IndexSettings:
        return self.settings.index

    def indexer(self, client: Any = None, **changes: Any) -> Indexer:
        """An indexer whose waiting is written down, and short."""

        return Indexer(
            client or self.client,
            self.index.model_copy(update=changes),
            self._beat,
            clock=lambda: NOW + timedelta(days=40),
            sleep=self._sleep,
        )

    def _beat(self) -> None:
        self.beats += 1

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        async with self._beaten:
            self._beaten.notify_all()
        await asyncio.sleep(0.05)
        assert len(self.waits) < PATIENCE, "the outage should be over by now"

    async def waited(self, times: int) -> None:
        """Return when an indexer has waited so many times."""
        async with self._beaten:
            await self._beaten.wait_for(lambda: len(self.waits) >= times)

    async def articles(self) -> dict[str, dict[str, Any]]:
        """All articles by id, each with its index under ``_index``."""
        return await self._all(self.index.articles)

    async def statements(self) -> dict[str, dict[str, Any]]:
        """All statements by id."""
        return await self._all(self.index.statements)

    async def revisions(self) -> dict[str, dict[str, Any]]:
        """All superseded revisions by id."""
        return await self._all(self.index.revisions)

    async def _all(self, alias: str) -> dict[str, dict[str, Any]]:
        await self.client.indices.refresh(index=alias, ignore_unavailable=True)
        answer = await self.client.search(index=alias, ignore_unavailable=True, size=1_000)
        return {
            hit["_id"]: hit["_source"] | {"_index": hit["_index"]} for hit in answer["hits"]["hits"]
        }

    async def forget(self) -> None:
        """Delete the indices and the templates."""
        aliases = self.index.aliases
        patterns = ",".join(f"{alias}-*" for alias in aliases)
        if indices := await self.client.indices.get(index=patterns, features=["aliases"]):
            await self.client.indices.delete(index=",".join(indices))
        await self.client.indices.delete_index_template(name=",".join(aliases))
        parts = [f"{alias}-{part}" for alias in aliases for part in ("settings", "mappings")]
        await self.client.cluster.delete_component_template(name=",".join(parts))
