"""The indices of one line in memory, as tests/integration/shelf.py has them in Elasticsearch."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast

from pipeline import settings
from pipeline.index import Indexer
from pipeline.index.provision import setup
from pipeline.settings import IndexSettings
from tests.fakes.elastic_store import FakeElasticsearch
from tests.fakes.records import NOW


class FakeShelf:
    """Indices, and who writes to them."""

    def __init__(self) -> None:
        self.client = FakeElasticsearch()

    async def set_up(self) -> FakeShelf:
        """With indices, as a station begins. Without, the first batch makes them."""
        await setup(cast("Any", self.client), self.index)
        return self

    @property
    def index(self) -> IndexSettings:
        return settings.load().index

    def indexer(self, client: Any = None, **changes: Any) -> Indexer:
        """An indexer that does not wait."""
        return Indexer(
            client or self.client,
            self.index.model_copy(update=changes),
            lambda: None,
            clock=lambda: NOW + timedelta(days=40),
            sleep=lambda _: asyncio.sleep(0),
        )

    async def articles(self) -> dict[str, dict[str, Any]]:
        return self.client.behind(self.index.articles)

    async def statements(self) -> dict[str, dict[str, Any]]:
        return self.client.behind(self.index.statements)

    async def revisions(self) -> dict[str, dict[str, Any]]:
        return self.client.behind(self.index.revisions)
