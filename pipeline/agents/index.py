"""The index agent's handler: enriched articles in, documents in Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.agents.batch import RawMessage, in_hand, read
from pipeline.agents.taken import Refused, Taken, refuse, take
from pipeline.errors import Rejected
from pipeline.index import IndexOutcome, IndexStatus
from pipeline.index.latency import latencies
from pipeline.kafka.ports import Publisher
from pipeline.metrics import ARTICLES, SEARCHABLE_SECONDS
from pipeline.records import EnrichedArticle, Stage
from pipeline.settings import Settings
from pipeline.telemetry.articles import log_outcome
from pipeline.telemetry.spans import Tracer


class Indexing(Protocol):
    """What writes enriched articles: one outcome each, in the order given."""

    async def index(self, batch: Sequence[EnrichedArticle]) -> Sequence[IndexOutcome]: ...


class IndexHandler:
    """Indexes a batch; what cannot be indexed is a delivered dead letter before it returns."""

    def __init__(
        self,
        settings: Settings,
        indexer: Indexing,
        publisher: Publisher,
        clock: Callable[[], datetime],
        tracer: Tracer | None = None,
    ) -> None:
        self._topics = settings.topics
        self._limit = settings.kafka.max_message_bytes
        self._indexer = indexer
        self._publisher = publisher
        self._clock = clock
        self._tracer = tracer or Tracer()

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """Every message leads to one counted status."""
        with in_hand(Stage.INDEX, len(batch)):
            await self._index(batch)

    async def _index(self, batch: Sequence[RawMessage]) -> None:
        started = self._tracer.now()
        taken = [take(message, self._tracer, self._read) for message in batch]
        refusals = [(each, what) for each, what in taken if isinstance(what, Rejected)]
        readable = [(each, what) for each, what in taken if not isinstance(what, Rejected)]
        outcomes = await self._indexer.index([enriched for _, enriched in readable])
        done: list[Taken] = []
        for (each, enriched), outcome in zip(readable, outcomes, strict=True):
            if outcome.reason is not None:
                refusals.append((each, Rejected(outcome.reason, outcome.detail)))
            else:
                done.append(each)
                self._count(each, enriched, outcome)
        refused = await self._dead_letters(refusals)
        steps = [each.step(len(batch)) for each in done]
        steps += [each.step(len(batch)) for each in refused]
        self._tracer.ended(Stage.INDEX, started, steps)

    def _read(self, message: RawMessage) -> EnrichedArticle:
        return read(message, EnrichedArticle, self._limit)

    def _count(self, taken: Taken, enriched: EnrichedArticle, outcome: IndexOutcome) -> None:
        ARTICLES.labels(outcome.status).inc()
        is_new = outcome.status is IndexStatus.INDEXED
        seconds = latencies(enriched.article, self._clock()) if is_new else {}
        for since, each in seconds.items():
            SEARCHABLE_SECONDS.labels(since).observe(each)
        log_outcome(
            enriched, outcome.status, index=outcome.index, seconds=seconds, trace=taken.trace
        )

    async def _dead_letters(self, refusals: Sequence[tuple[Taken, Rejected]]) -> list[Refused]:
        now = self._clock()
        refused = [refuse(taken, Stage.INDEX, why, now) for taken, why in refusals]
        await self._publisher.publish([each.message(self._topics.dead_letters) for each in refused])
        for each in refused:
            each.count()
        return refused
