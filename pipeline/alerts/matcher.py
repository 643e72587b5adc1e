"""Asks Elasticsearch which of the articles just indexed the saved searches match."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any

from elasticsearch import AsyncElasticsearch

from pipeline.alerts.match import Batch, alerts_of, hits_of, question
from pipeline.errors import ServiceUnavailable
from pipeline.index.bulk import Patience
from pipeline.index.lookup import listed
from pipeline.metrics import SEARCHES_FAILED
from pipeline.records import Alert, SavedSearch
from pipeline.search.queries import Body
from pipeline.settings import IndexSettings

logger = logging.getLogger(__name__)

_SEARCHES_PER_CALL = 50

Asked = tuple[SavedSearch, Body]


class Matcher:
    """Matches batches. Waits for as long as an outage lasts."""

    def __init__(
        self, client: AsyncElasticsearch, settings: IndexSettings, patience: Patience
    ) -> None:
        self._client = client
        self._settings = settings
        self._patience = patience

    async def match(self, searches: Sequence[SavedSearch], batch: Batch) -> list[Alert]:
        """All that the searches find among the articles of a batch, made before or not.

        A search that cannot be asked finds nothing, and is said in the log: it must not hold up the
        others.
        """
        await self._patience.answered(self._make_visible)
        asked = _asked(searches, batch)
        found: list[Alert] = []
        while some := list(islice(asked, _SEARCHES_PER_CALL)):
            found += await self._patience.answered(partial(self._ask, some, batch))
        return found

    async def _make_visible(self) -> None:
        """A document is found once its shard was refreshed; the batch was written before that."""
        indices = [self._settings.articles, self._settings.statements]
        answer = await self._client.indices.refresh(index=indices, ignore_unavailable=True)
        if not isinstance(answer.body, Mapping) or answer.body.get("_shards", {}).get("failed"):
            raise ServiceUnavailable("a shard could not be refreshed")

    async def _ask(self, asked: Sequence[Asked], batch: Batch) -> list[Alert]:
        parts = chain.from_iterable((self._header(search), body) for search, body in asked)
        answer = await self._client.msearch(searches=list(parts))
        answers = listed(answer, "responses")
        if len(answers) != len(asked):
            raise ServiceUnavailable("an answer that does not fit the request")
        alerts: list[Alert] = []
        for (search, _), each in zip(asked, answers, strict=True):
            hits = hits_of(each)
            if hits is None:
                _unusable(search, "Elasticsearch refuses it")
            else:
                alerts += alerts_of(search, hits, batch)
        return alerts

    def _header(self, search: SavedSearch) -> dict[str, Any]:
        statements = search.about == "statements"
        return {
            "index": self._settings.statements if statements else self._settings.articles,
            "ignore_unavailable": True,
            "allow_partial_search_results": False,
        }


def _asked(searches: Sequence[SavedSearch], batch: Batch) -> Iterator[Asked]:
    for search in searches:
        try:
            yield search, question(search, batch)
        except ValueError as error:
            _unusable(search, str(error))


def _unusable(search: SavedSearch, why: str) -> None:
    SEARCHES_FAILED.inc()
    logger.warning("the saved search %s finds nothing: %s", search.id, why)
