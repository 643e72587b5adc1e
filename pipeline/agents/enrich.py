"""The enrich agent's handler: articles in, enriched articles and dead letters out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from pipeline.agents.batch import RawMessage, in_hand, read
from pipeline.agents.dead_letters import DeadLetters
from pipeline.agents.gate import Gate
from pipeline.agents.taken import Refused, Taken, refuse, take
from pipeline.enrich.bounds import is_full
from pipeline.errors import Rejected
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.ports import Message, Publisher, fits
from pipeline.metrics import ANNOTATIONS_CUT, ENRICHED
from pipeline.records import Article, EnrichedArticle, Reason, Stage, encode
from pipeline.settings import Settings
from pipeline.telemetry.spans import Tracer
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
        gate: Gate,
        tracer: Tracer | None = None,
    ) -> None:
        self._topics = settings.topics
        self._limit = settings.kafka.max_message_bytes
        self._max_text_chars = settings.enrich.max_text_chars
        self._enrichment = enrichment
        self._publisher = publisher
        self._clock = clock
        self._gate = gate
        self._tracer = tracer or Tracer()
        self._letters = DeadLetters(settings, publisher, self._tracer)

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """Every message leads to one enriched article or one dead letter."""
        with in_hand(Stage.ENRICH, len(batch)):
            await self._gate.through(batch, self._enrich, self._letters.settle)

    async def _enrich(self, batch: Sequence[RawMessage]) -> list[Refused]:
        started, now = self._tracer.now(), self._clock()
        taken = [take(message, self._tracer, self._read) for message in batch]
        outcomes = await self._outcomes([what for _, what in taken], now)
        results = [
            self._result(each, outcome, now)
            for (each, _), outcome in zip(taken, outcomes, strict=True)
        ]
        enriched = [each for each in results if isinstance(each, _Enriched)]
        await self._publisher.publish([each.message for each in enriched])
        for each in enriched:
            _count(each)
        self._tracer.ended(
            Stage.ENRICH, started, (each.taken.step(len(batch)) for each in enriched)
        )
        return [each for each in results if isinstance(each, Refused)]

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

    def _result(
        self, taken: Taken, outcome: EnrichedArticle | Rejected, now: datetime
    ) -> _Enriched | Refused:
        try:
            if isinstance(outcome, Rejected):
                raise outcome
            return _Enriched(taken, self._message(outcome, taken.trace), outcome)
        except Rejected as why:
            return refuse(taken, Stage.ENRICH, why, now)

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


class _Enriched(msgspec.Struct, frozen=True):
    """What a message led to that was not refused."""

    taken: Taken
    message: Message
    enriched: EnrichedArticle


def _count(result: _Enriched) -> None:
    not_annotated = result.enriched.not_annotated
    ENRICHED.labels("not-annotated" if not_annotated else "annotated").inc()
    ANNOTATIONS_CUT.inc(is_full(result.enriched.annotations))
