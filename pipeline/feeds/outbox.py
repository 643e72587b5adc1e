"""Articles and dead letters on their way to Kafka, counted once they are there."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import Rejected
from pipeline.kafka.headers import cloud_event
from pipeline.kafka.letters import LetterBox, addressed
from pipeline.kafka.ports import Message, Publisher, fits
from pipeline.metrics import ARTICLES, DEAD_LETTERS, ENTRIES
from pipeline.records import Article, DeadLetter, Reason, Stage, dead_letter, encode
from pipeline.settings import Settings
from pipeline.telemetry.articles import article_attributes, log_dead_letter
from pipeline.telemetry.spans import Step, Tracer
from pipeline.telemetry.trace import TraceContext


class Outbox:
    """Publishes the records of this station: articles to ``topic``, by default the live one.

    The trace of each begins here.
    """

    def __init__(
        self,
        publisher: Publisher,
        settings: Settings,
        topic: str | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self._tracer = tracer or Tracer()
        self._publisher = publisher
        self._articles = topic or settings.topics.articles
        self._letters = LetterBox(
            publisher, settings.topics.dead_letters, settings.kafka.max_message_bytes
        )
        self._limit = settings.kafka.max_message_bytes

    async def send(self, records: Sequence[Article | DeadLetter]) -> None:
        """Return when all are delivered; versions of an article keep their order.

        An article that no message can carry becomes a dead letter.
        """
        started = self._tracer.now()
        fitting = [(self._fitting(record), self._tracer.next()) for record in records]
        articles = [(each, trace) for each, trace in fitting if isinstance(each, Article)]
        await self._publisher.publish([self._message(*each) for each in articles])
        letters = [(each, trace) for each, trace in fitting if isinstance(each, DeadLetter)]
        await self._letters.send([addressed(*each) for each in letters])
        for each in fitting:
            _count(*each)
        self._tracer.ended(Stage.FEEDS, started, (_step(*each) for each in fitting))

    def _fitting(self, record: Article | DeadLetter) -> Article | DeadLetter:
        if isinstance(record, DeadLetter):
            return record
        try:
            value = encode(record)
            if fits(value, self._limit):
                return record
            refusal = Rejected(Reason.TOO_LARGE, f"a message of {len(value)} bytes")
        except Rejected as rejected:
            refusal = rejected
        return _letter(record, refusal)

    def _message(self, article: Article, trace: TraceContext) -> Message:
        return Message(
            topic=self._articles,
            key=article.id.encode(),
            value=encode(article),
            headers=cloud_event(
                event_id=f"{article.id}-{article.revision}",
                event_type=self._articles,
                time=article.fetched_at,
                trace=trace,
            ),
        )


def _letter(record: Article, refusal: Rejected) -> DeadLetter:
    return dead_letter(
        stage=Stage.FEEDS,
        reason=refusal.reason,
        detail=refusal.detail,
        failed_at=record.fetched_at,
        payload=record.text.encode("utf-8", "replace"),
        key=record.id,
        url=record.canonical_url,
    )


def _count(record: Article | DeadLetter, trace: TraceContext) -> None:
    if isinstance(record, Article):
        ENTRIES.labels("published").inc()
        return
    DEAD_LETTERS.labels(record.stage, record.reason).inc()
    if record.reason is not Reason.UNPARSABLE_FEED:  # a feed is no article
        ENTRIES.labels("rejected").inc()
        ARTICLES.labels("dead-lettered").inc()
        log_dead_letter(record, None, trace)


def _step(record: Article | DeadLetter, trace: TraceContext) -> Step:
    if isinstance(record, DeadLetter):
        return Step(context=trace, attributes={}, failed=record.reason)
    return Step(context=trace, attributes=article_attributes(record.id, record.revision))
