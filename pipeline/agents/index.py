"""The index agent's handler: enriched articles in, documents in Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.agents.batch import RawMessage, count_letter, in_hand, letter, letter_message, read
from pipeline.errors import Rejected
from pipeline.index import IndexOutcome, IndexStatus
from pipeline.index.latency import latencies
from pipeline.kafka.ports import Publisher
from pipeline.metrics import ARTICLES, SEARCHABLE_SECONDS
from pipeline.records import EnrichedArticle, Stage
from pipeline.settings import Settings


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
    ) -> None:
        self._topics = settings.topics
        self._limit = settings.kafka.max_message_bytes
        self._indexer = indexer
        self._publisher = publisher
        self._clock = clock

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """Every message leads to one counted status."""
        with in_hand(Stage.INDEX, len(batch)):
            await self._index(batch)

    async def _index(self, batch: Sequence[RawMessage]) -> None:
        refused: list[tuple[RawMessage, Rejected]] = []
        readable: list[tuple[RawMessage, EnrichedArticle]] = []
        for message in batch:
            try:
                readable.append((message, read(message, EnrichedArticle, self._limit)))
            except Rejected as refusal:
                refused.append((message, refusal))
        outcomes = await self._indexer.index([record for _, record in readable])
        for (message, enriched), outcome in zip(readable, outcomes, strict=True):
            if outcome.reason is not None:
                refused.append((message, Rejected(outcome.reason, outcome.detail)))
            else:
                self._count(enriched, outcome)
        await self._dead_letters(refused)

    def _count(self, enriched: EnrichedArticle, outcome: IndexOutcome) -> None:
        ARTICLES.labels(outcome.status).inc()
        if outcome.status is IndexStatus.INDEXED:
            for since, seconds in latencies(enriched.article, self._clock()).items():
                SEARCHABLE_SECONDS.labels(since).observe(seconds)

    async def _dead_letters(self, refused: Sequence[tuple[RawMessage, Rejected]]) -> None:
        now = self._clock()
        letters = [letter(message, Stage.INDEX, why, now) for message, why in refused]
        await self._publisher.publish(
            [
                letter_message(record, self._topics.dead_letters, message.position)
                for record, (message, _) in zip(letters, refused, strict=True)
            ]
        )
        for record in letters:
            count_letter(record)
