"""A faulty way to the real Elasticsearch."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from elasticsearch import AsyncElasticsearch

from pipeline.index.client import connect
from tests.fakes.faulty_proxy import FaultyProxy
from tests.integration.shelf import Shelf


@pytest.fixture
async def proxy(shelf: Shelf) -> AsyncIterator[FaultyProxy]:
    async with FaultyProxy(shelf.settings.elasticsearch.hosts[0]) as proxy:
        yield proxy


@pytest.fixture
async def through_proxy(shelf: Shelf, proxy: FaultyProxy) -> AsyncIterator[AsyncElasticsearch]:
    """A client that sees Elasticsearch through the faulty proxy, and waits two seconds for it."""
    chosen = shelf.settings.elasticsearch.model_copy(
        update={"hosts": (proxy.url,), "request_timeout_seconds": 2.0}
    )
    async with connect(chosen) as client:
        yield client
