"""A message in the hands of a station: what it says, the span of the work on it, and its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

import msgspec

from pipeline.agents.batch import RawMessage, letter, read
from pipeline.errors import Rejected
from pipeline.kafka.letters import Addressed, addressed
from pipeline.metrics import ARTICLES, DEAD_LETTERS
from pipeline.records import Article, DeadLetter, EnrichedArticle, IndexedArticle, Stage
from pipeline.telemetry.articles import article_attributes, log_dead_letter
from pipeline.telemetry.spans import Step, Tracer, Value
from pipeline.telemetry.trace import TraceContext, in_headers

R = TypeVar("R", bound=msgspec.Struct)


class Taken(msgspec.Struct, frozen=True):
    """One message of a batch, the span of this station's work on it, and its record where it could
    be read."""

    raw: RawMessage
    trace: TraceContext
    record: msgspec.Struct | None = None

    @property
    def article(self) -> Article | None:
        """The article, where the record has one."""
        if isinstance(self.record, EnrichedArticle):
            return self.record.article
        return self.record if isinstance(self.record, Article) else None

    def step(self, batch_size: int, failed: str | None = None) -> Step:
        """What was done. Source of the names: OpenTelemetry's conventions for messaging."""
        where: dict[str, Value] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": self.raw.topic,
            "messaging.destination.partition.id": str(self.raw.partition),
            "messaging.kafka.offset": self.raw.offset,
            "messaging.batch.message_count": batch_size,
        }
        return Step(context=self.trace, attributes=where | self._which_article(), failed=failed)

    def _which_article(self) -> dict[str, Value]:
        if isinstance(self.record, IndexedArticle):
            return article_attributes(self.record.article_id, self.record.revision)
        article = self.article
        return {} if article is None else article_attributes(article.id, article.revision)


class Refused(msgspec.Struct, frozen=True):
    """What was taken and becomes a dead letter."""

    taken: Taken
    letter: DeadLetter

    def addressed(self) -> Addressed:
        """The dead letter under the place of the message."""
        return addressed(self.letter, self.taken.trace)

    def count(self) -> None:
        """Count and log it, once it is delivered: it is the final status of its article, unless
        that was indexed before."""
        DEAD_LETTERS.labels(self.letter.stage, self.letter.reason).inc()
        if self.letter.stage is Stage.ALERT:
            return
        ARTICLES.labels("dead-lettered").inc()
        log_dead_letter(self.letter, self.taken.article, self.taken.trace)

    def step(self, batch_size: int) -> Step:
        """What was done, and that it failed."""
        return self.taken.step(batch_size, self.letter.reason)


def take(
    message: RawMessage, tracer: Tracer, reader: Callable[[RawMessage], R]
) -> tuple[Taken, R | Rejected]:
    """Read a message, or say why not, and go on with its trace."""
    trace = tracer.next(in_headers(message.headers))
    try:
        record = reader(message)
    except Rejected as refusal:
        return Taken(message, trace), refusal
    return Taken(message, trace, record), record


def refuse(taken: Taken, stage: Stage, why: Rejected, now: datetime) -> Refused:
    """The dead letter of what was taken."""
    return Refused(taken, letter(taken.raw, stage, why, now))


class TakenAll(NamedTuple, Generic[R]):
    """The records of a batch, and what is none."""

    records: list[tuple[Taken, R]]
    refused: list[Refused]


def take_all(
    batch: Sequence[RawMessage],
    record: type[R],
    stage: Stage,
    limit: int,
    tracer: Tracer,
    now: datetime,
) -> TakenAll[R]:
    """Read a batch of messages of at most ``limit`` bytes each."""
    taken_all: TakenAll[R] = TakenAll([], [])
    for raw in batch:
        taken, what = take(raw, tracer, lambda each: read(each, record, limit))
        if isinstance(what, Rejected):
            taken_all.refused.append(refuse(taken, stage, what, now))
        else:
            taken_all.records.append((taken, what))
    return taken_all
