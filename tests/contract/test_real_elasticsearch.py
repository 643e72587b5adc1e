"""The real Elasticsearch passes what its fake passes."""

from __future__ import annotations

import pytest

from tests.contract.revisions import RevisionsContract
from tests.integration.conftest import shelf

__all__ = ["shelf"]

pytestmark = pytest.mark.integration


class TestElasticsearchRevisions(RevisionsContract):
    """Over the fixture ``shelf``."""
