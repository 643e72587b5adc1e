"""The enrich agent's handler: articles in, enriched articles and dead letters out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.agents.batch import (
    RawMessage,
    count_letter,
    in_hand,
    letter,
    letter_message,
    read,
)
from pipeline.errors import Rejected
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher, fits
from pipeline.metrics import ENRICHED
from pipeline.records import Article, EnrichedArticle, Reason, Stage, encode
from pipeline.settings import Settings


class Enrichment(Protocol):
    """What turns articles into enriched ones, in the order given; a refusal stands in its place."""

    async def __call__(
        self, articles: Sequence[Article], now: datetime, /
    ) -> Sequence[EnrichedArticle | Rejected]: ...


class EnrichHandler:
    """Enriches a batch and delivers what came of it before it returns."""

    def __init__(
        self,
        settings: Settings,
        enrichment: Enrichment,
        publisher: Publisher,
        clock: Callable[[], datetime],
    ) -> None:
        self._topics = settings.topics
        self._limit = settings.kafka.max_message_bytes
        self._max_text_chars = settings.enrich.max_text_chars
        self._enrichment = enrichment
        self._publisher = publisher
        self._clock = clock

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """Every message leads to one enriched article or one dead letter."""
        with in_hand(Stage.ENRICH, len(batch)):
            await self._enrich(batch)

    async def _enrich(self, batch: Sequence[RawMessage]) -> None:
        now = self._clock()
        outcomes: dict[int, EnrichedArticle | Rejected] = {}
        articles: dict[int, Article] = {}
        for place, message in enumerate(batch):
            try:
                articles[place] = self._read(message)
            except Rejected as refusal:
                outcomes[place] = refusal
        enriched = await self._enrichment(list(articles.values()), now)
        outcomes |= dict(zip(articles, enriched, strict=True))
        await self._deliver(batch, [outcomes[place] for place in range(len(batch))], now)

    def _read(self, message: RawMessage) -> Article:
        article = read(message, Article, self._limit)
        size = len(article.text)
        if size > self._max_text_chars:
            # Ours are cut where they enter the line; this one comes from another producer.
            raise Rejected(
                Reason.TOO_LARGE, f"{size} characters, the limit is {self._max_text_chars}"
            )
        return article

    async def _deliver(
        self,
        batch: Sequence[RawMessage],
        outcomes: Sequence[EnrichedArticle | Rejected],
        now: datetime,
    ) -> None:
        messages: list[Message] = []
        letters = []
        for raw, outcome in zip(batch, outcomes, strict=True):
            try:
                messages.append(self._message(outcome))
            except Rejected as refusal:
                record = letter(raw, Stage.ENRICH, refusal, now)
                letters.append(record)
                messages.append(letter_message(record, self._topics.dead_letters, raw.position))
        await self._publisher.publish(messages)
        for record in letters:
            count_letter(record)
        for outcome in outcomes:
            if isinstance(outcome, EnrichedArticle):
                ENRICHED.labels("not-annotated" if outcome.not_annotated else "annotated").inc()

    def _message(self, outcome: EnrichedArticle | Rejected) -> Message:
        if isinstance(outcome, Rejected):
            raise outcome
        value = encode(outcome)
        if not fits(value, self._limit):
            raise Rejected(Reason.TOO_LARGE, f"{len(value)} bytes once enriched")
        article = outcome.article
        return Message(
            topic=self._topics.enriched,
            key=article.id.encode(),
            value=value,
            headers=cloud_event(
                event_id=f"{article.id}-{article.revision}",
                event_type=self._topics.enriched,
                time=outcome.enriched_at,
            ),
        )
