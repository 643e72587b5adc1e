"""The index agent's handler: enriched articles in, documents in Elasticsearch and notices out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.agents.batch import RawMessage, in_hand, read
from pipeline.agents.dead_letters import DeadLetters
from pipeline.agents.gate import Gate
from pipeline.agents.taken import Refused, Taken, refuse, take
from pipeline.errors import Rejected
from pipeline.index import IndexOutcome, IndexStatus
from pipeline.index.latency import latencies
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.metrics import ARTICLES, SEARCHABLE_SECONDS
from pipeline.records import EnrichedArticle, IndexedArticle, Stage, encode
from pipeline.settings import Settings
from pipeline.telemetry.articles import log_outcome
from pipeline.telemetry.spans import Tracer


class Indexing(Protocol):
    """What writes enriched articles: one outcome each, in the order given."""

    async def index(self, batch: Sequence[EnrichedArticle]) -> Sequence[IndexOutcome]: ...


class IndexHandler:
    """Indexes a batch. Before it returns, what was written is told in a delivered notice, and what
    cannot be indexed is a delivered dead letter."""

    def __init__(
        self,
        settings: Settings,
        indexer: Indexing,
        publisher: Publisher,
        clock: Callable[[], datetime],
        gate: Gate,
        tracer: Tracer | None = None,
    ) -> None:
        self._topics = settings.topics
        self._limit = settings.kafka.max_message_bytes
        self._indexer = indexer
        self._publisher = publisher
        self._clock = clock
        self._gate = gate
        self._tracer = tracer or Tracer()
        self._letters = DeadLetters(settings, publisher, self._tracer)

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """Every message leads to one counted status."""
        with in_hand(Stage.INDEX, len(batch)):
            await self._gate.through(batch, self._index, self._letters.settle)

    async def _index(self, batch: Sequence[RawMessage]) -> list[Refused]:
        started = self._tracer.now()
        taken = [take(message, self._tracer, self._read) for message in batch]
        readable = [(each, what) for each, what in taken if not isinstance(what, Rejected)]
        outcomes = await self._indexer.index([enriched for _, enriched in readable])
        now = self._clock()
        results = [(*each, outcome) for each, outcome in zip(readable, outcomes, strict=True)]
        await self._tell(results, now)
        done = [each for each in results if each[-1].reason is None]
        for each, enriched, outcome in done:
            _count(each, enriched, outcome, now)
        self._tracer.ended(Stage.INDEX, started, (each.step(len(batch)) for each, _, _ in done))
        refusals = [(each, what) for each, what in taken if isinstance(what, Rejected)]
        refusals += [
            (each, Rejected(outcome.reason, outcome.detail))
            for each, _, outcome in results
            if outcome.reason is not None
        ]
        return [refuse(each, Stage.INDEX, why, now) for each, why in refusals]

    async def _tell(
        self, results: Sequence[tuple[Taken, EnrichedArticle, IndexOutcome]], now: datetime
    ) -> None:
        notices = [
            _notice(each, enriched, now, self._topics.indexed)
            for each, enriched, outcome in results
            if outcome.news
        ]
        await self._publisher.publish(notices)

    def _read(self, message: RawMessage) -> EnrichedArticle:
        return read(message, EnrichedArticle, self._limit)


def _count(taken: Taken, enriched: EnrichedArticle, outcome: IndexOutcome, now: datetime) -> None:
    ARTICLES.labels(outcome.status).inc()
    is_new = outcome.status is IndexStatus.INDEXED
    seconds = latencies(enriched.article, now) if is_new else {}
    for since, each in seconds.items():
        SEARCHABLE_SECONDS.labels(since).observe(each)
    log_outcome(enriched, outcome.status, index=outcome.index, seconds=seconds, trace=taken.trace)


def _notice(taken: Taken, enriched: EnrichedArticle, now: datetime, topic: str) -> Message:
    article = enriched.article
    notice = IndexedArticle(
        article_id=article.id,
        revision=article.revision,
        statements=len(enriched.annotations.statements),
        first_seen_at=article.first_seen_at,
        indexed_at=now,
    )
    return Message(
        topic=topic,
        key=notice.article_id.encode(),
        value=encode(notice),
        headers=cloud_event(
            event_id=f"{notice.article_id}-{notice.revision}",
            event_type=topic,
            time=notice.indexed_at,
            trace=taken.trace,
        ),
    )
