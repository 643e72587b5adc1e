"""What the tests against the real Elasticsearch share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pipeline.index.client import connect, wait_until_ready
from pipeline.index.provision import setup
from pipeline.settings import Settings
from tests.integration.shelf import Shelf


@pytest.fixture
async def shelf(line: Settings) -> AsyncIterator[Shelf]:
    """Indices of its own for each test, with their templates, and nothing in them."""
    async with connect(line.elasticsearch) as client:
        await wait_until_ready(client, print)
        await setup(client, line.index)
        shelf = Shelf(client, line)
        yield shelf
        await shelf.forget()
