"""Asks Elasticsearch which of the articles just indexed the saved searches match."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count, islice
from typing import Any

import msgspec
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from pipeline.alerts.match import Batch, NoAnswer, Refusal, alerts_of, hits_of, question
from pipeline.errors import ServiceUnavailable
from pipeline.index import fields
from pipeline.index.bulk import Patience
from pipeline.index.bulk_outcome import Retry
from pipeline.index.client import describe
from pipeline.index.lookup import listed
from pipeline.metrics import SEARCHES_FAILED
from pipeline.records import Alert, SavedSearch
from pipeline.records.saved_search import About
from pipeline.search.hits import Hit
from pipeline.search.queries import Body
from pipeline.settings import IndexSettings

logger = logging.getLogger(__name__)

_SEARCHES_PER_CALL = 50
_TRIES = 3  # of a search that has no answer while others have

Asked = tuple[SavedSearch, Body]
Answer = Sequence[Hit] | Refusal | NoAnswer


class Matched(msgspec.Struct, frozen=True):
    """What was found, made before or not; and by search id why some could not be asked."""

    alerts: list[Alert]
    refused: dict[str, str]


class Matcher:
    """Matches batches. Waits for as long as an outage lasts."""

    def __init__(
        self, client: AsyncElasticsearch, settings: IndexSettings, patience: Patience
    ) -> None:
        self._client = client
        self._settings = settings
        self._patience = patience

    async def match(self, searches: Sequence[SavedSearch], batch: Batch) -> Matched:
        """All that the searches find among the articles of a batch.

        A search that cannot be asked holds up no other. That is one which Elasticsearch refuses, or
        gives no answer to, time and again, while it answers to others.
        """
        await self._patience.answered(self._make_visible)
        asked, matched = _asked(searches, batch)
        some = iter(asked)
        while chunk := list(islice(some, _SEARCHES_PER_CALL)):
            for search, answer in await self._answers(chunk, batch):
                if isinstance(answer, Refusal):
                    matched.refused[search.id] = answer.why
                else:
                    matched.alerts.extend(alerts_of(search, answer, batch))
        for search_id, why in matched.refused.items():
            SEARCHES_FAILED.inc()
            logger.warning("the saved search %s waits: %s", search_id, why)
        return matched

    async def _make_visible(self) -> None:
        """A document is found once its shard was refreshed; the batch was written before that."""
        indices = [self._settings.articles, self._settings.statements]
        answer = await self._client.indices.refresh(index=indices, ignore_unavailable=True)
        if not isinstance(answer.body, Mapping) or answer.body.get("_shards", {}).get("failed"):
            raise ServiceUnavailable("a shard could not be refreshed")

    async def _answers(
        self, asked: Sequence[Asked], batch: Batch
    ) -> list[tuple[SavedSearch, Sequence[Hit] | Refusal]]:
        """All together at first; what then has no answer is asked for alone."""
        answers = []
        for one, answer in zip(asked, await self._ask(asked), strict=True):
            whole = (
                await self._alone(one, answer, batch) if isinstance(answer, NoAnswer) else answer
            )
            answers.append((one[0], whole))
        return answers

    async def _alone(self, asked: Asked, before: NoAnswer, batch: Batch) -> Sequence[Hit] | Refusal:
        cause, only_this = before.why, 0
        for attempt in count(1):
            await self._patience.wait(attempt, Retry(cause))
            (answer,) = await self._ask([asked])
            if not isinstance(answer, NoAnswer):
                return answer
            cause = answer.why
            only_this += await self._others_are_answered(asked[0].about, batch)
            if only_this == _TRIES:
                return Refusal(f"no answer to it, though others have one: {cause}")
        raise AssertionError("an endless count has no end")

    async def _others_are_answered(self, about: About, batch: Batch) -> bool:
        anything: Body = {"query": {"terms": {fields.ARTICLE_ID: batch.ids}}, "size": 0}
        (answer,) = await self._send([(about, anything)])
        return not isinstance(answer, Refusal | NoAnswer)

    async def _ask(self, asked: Sequence[Asked]) -> Sequence[Answer]:
        return await self._send([(search.about, body) for search, body in asked])

    async def _send(self, asked: Sequence[tuple[About, Body]]) -> Sequence[Answer]:
        """One answer for each. Never raises for what Elasticsearch does."""
        parts = chain.from_iterable((self._header(about), body) for about, body in asked)
        try:
            answer = await self._client.msearch(searches=list(parts))
            answers = listed(answer, "responses")
        except (TransportError, ApiError, ServiceUnavailable) as error:
            return [_failed(error, len(asked))] * len(asked)
        if len(answers) != len(asked):
            return [NoAnswer("an answer that does not fit the request")] * len(asked)
        return [hits_of(each) for each in answers]

    def _header(self, about: About) -> dict[str, Any]:
        statements = about == "statements"
        return {
            "index": self._settings.statements if statements else self._settings.articles,
            "ignore_unavailable": True,
            "allow_partial_search_results": False,
        }


def _failed(error: Exception, asked: int) -> Refusal | NoAnswer:
    """A request that was refused as a whole says nothing of several searches. Of one it does, in
    Elasticsearch's own words: a proxy says 400 to everything."""
    if isinstance(error, ApiError):
        body = error.body if isinstance(error.body, Mapping) else {}
        answer = hits_of({"status": error.meta.status, "error": body.get("error")})
        own_words = isinstance(body.get("error"), Mapping)
        if asked == 1 and own_words and isinstance(answer, Refusal):
            return answer
        return NoAnswer(describe(error))
    return NoAnswer(describe(error) if isinstance(error, TransportError) else str(error))


def _asked(searches: Iterable[SavedSearch], batch: Batch) -> tuple[list[Asked], Matched]:
    """The questions, and what comes of those searches that make none."""
    asked: list[Asked] = []
    matched = Matched([], {})
    for search in searches:
        try:
            asked.append((search, question(search, batch)))
        except ValueError as error:
            matched.refused[search.id] = str(error)
    return asked, matched
