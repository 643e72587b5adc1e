"""The index agent's handler: enriched articles in, documents in Elasticsearch and notices out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.agents.batch import RawMessage, count_letter, letter, letter_message, read
from pipeline.errors import Rejected
from pipeline.index import IndexOutcome
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher
from pipeline.metrics import ARTICLES
from pipeline.records import DeadLetter, EnrichedArticle, IndexedArticle, Stage, encode
from pipeline.settings import Settings


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
    ) -> None:
        self._topics = settings.topics
        self._limit = settings.kafka.max_message_bytes
        self._indexer = indexer
        self._publisher = publisher
        self._clock = clock

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """Every message leads to one counted status."""
        refused: list[tuple[RawMessage, Rejected]] = []
        readable: list[tuple[RawMessage, EnrichedArticle]] = []
        for message in batch:
            try:
                readable.append((message, read(message, EnrichedArticle, self._limit)))
            except Rejected as refusal:
                refused.append((message, refusal))
        outcomes = await self._indexer.index([record for _, record in readable])
        now = self._clock()
        notices = []
        for (message, record), outcome in zip(readable, outcomes, strict=True):
            if outcome.reason is not None:
                refused.append((message, Rejected(outcome.reason, outcome.detail)))
            else:
                ARTICLES.labels(outcome.status).inc()
            if outcome.news:
                notices.append(_notice(record, now))
        letters = [(message, letter(message, Stage.INDEX, why, now)) for message, why in refused]
        await self._deliver(notices, letters)

    async def _deliver(
        self,
        notices: Sequence[IndexedArticle],
        letters: Sequence[tuple[RawMessage, DeadLetter]],
    ) -> None:
        messages = [_notice_message(notice, self._topics.indexed) for notice in notices]
        messages += [
            letter_message(record, self._topics.dead_letters, message.position)
            for message, record in letters
        ]
        await self._publisher.publish(messages)
        for _, record in letters:
            count_letter(record)


def _notice(record: EnrichedArticle, now: datetime) -> IndexedArticle:
    article = record.article
    return IndexedArticle(
        article_id=article.id,
        revision=article.revision,
        statements=len(record.annotations.statements),
        first_seen_at=article.first_seen_at,
        indexed_at=now,
    )


def _notice_message(notice: IndexedArticle, topic: str) -> Message:
    return Message(
        topic=topic,
        key=notice.article_id.encode(),
        value=encode(notice),
        headers=cloud_event(
            event_id=f"{notice.article_id}-{notice.revision}",
            event_type=topic,
            time=notice.indexed_at,
        ),
    )
