"""The enrich agent's handler: articles in, enriched articles and dead letters out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from pipeline.agents.batch import RawMessage, in_hand, read
from pipeline.agents.taken import Refused, Taken, refuse, take
from pipeline.errors import Rejected
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher, fits
from pipeline.metrics import ENRICHED
from pipeline.records import Article, EnrichedArticle, Reason, Stage, encode
from pipeline.settings import Settings
from pipeline.telemetry.spans import Step, Tracer
from pipeline.telemetry.trace import TraceContext


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
        tracer: Tracer | None = None,
    ) -> None:
        self._topics = settings.topics
        self._limit = settings.kafka.max_message_bytes
        self._max_text_chars = settings.enrich.max_text_chars
        self._enrichment = enrichment
        self._publisher = publisher
        self._clock = clock
        self._tracer = tracer or Tracer()

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """Every message leads to one enriched article or one dead letter."""
        with in_hand(Stage.ENRICH, len(batch)):
            await self._enrich(batch)

    async def _enrich(self, batch: Sequence[RawMessage]) -> None:
        started, now = self._tracer.now(), self._clock()
        taken = [take(message, self._tracer, self._read) for message in batch]
        outcomes = await self._outcomes([what for _, what in taken], now)
        results = [
            self._result(each, outcome, now)
            for (each, _), outcome in zip(taken, outcomes, strict=True)
        ]
        await self._publisher.publish([result.message for result in results])
        for result in results:
            _count(result)
        self._tracer.ended(Stage.ENRICH, started, (each.step(len(batch)) for each in results))

    async def _outcomes(
        self, read_of: Sequence[Article | Rejected], now: datetime
    ) -> list[EnrichedArticle | Rejected]:
        outcomes: dict[int, EnrichedArticle | Rejected] = {
            place: what for place, what in enumerate(read_of) if isinstance(what, Rejected)
        }
        articles = {place: what for place, what in enumerate(read_of) if isinstance(what, Article)}
        enriched = await self._enrichment(list(articles.values()), now)
        outcomes |= dict(zip(articles, enriched, strict=True))
        return [outcomes[place] for place in range(len(read_of))]

    def _read(self, message: RawMessage) -> Article:
        article = read(message, Article, self._limit)
        size = len(article.text)
        if size > self._max_text_chars:
            # Ours are cut where they enter the line; this one comes from another producer.
            raise Rejected(
                Reason.TOO_LARGE, f"{size} characters, the limit is {self._max_text_chars}"
            )
        return article

    def _result(self, taken: Taken, outcome: EnrichedArticle | Rejected, now: datetime) -> _Result:
        try:
            if isinstance(outcome, Rejected):
                raise outcome
            return _Result(taken, self._message(outcome, taken.trace), enriched=outcome)
        except Rejected as why:
            refused = refuse(taken, Stage.ENRICH, why, now)
            return _Result(taken, refused.message(self._topics.dead_letters), refused=refused)

    def _message(self, outcome: EnrichedArticle, trace: TraceContext) -> Message:
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
                trace=trace,
            ),
        )


class _Result(msgspec.Struct, frozen=True):
    """What a message led to: one message, of an enriched article or of a dead letter."""

    taken: Taken
    message: Message
    enriched: EnrichedArticle | None = None
    refused: Refused | None = None

    def step(self, batch_size: int) -> Step:
        return (self.refused or self.taken).step(batch_size)


def _count(result: _Result) -> None:
    if result.refused is not None:
        result.refused.count()
    if result.enriched is not None:
        not_annotated = result.enriched.not_annotated
        ENRICHED.labels("not-annotated" if not_annotated else "annotated").inc()
