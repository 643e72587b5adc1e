"""The one log line of each article, when it reaches its final status. It quotes nothing of it.
What a span says of an article is here too."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from pipeline.records import Article, DeadLetter, EnrichedArticle
from pipeline.telemetry.logs import ARTICLES, Fields, fields
from pipeline.telemetry.spans import Value
from pipeline.telemetry.trace import TraceContext

logger = logging.getLogger(ARTICLES)


def log_outcome(
    enriched: EnrichedArticle,
    status: str,
    *,
    index: str | None,
    seconds: Mapping[str, float],
    trace: TraceContext,
) -> None:
    """An article that the index station is done with. ``seconds`` are its latencies by name."""
    if not logger.isEnabledFor(logging.INFO):
        return
    known = {
        "status": status,
        **_of_article(enriched.article),
        "statements": len(enriched.annotations.statements),
        "entities": len(enriched.annotations.entities),
        "index": index,
        **{f"{name}_seconds": round(each, 3) for name, each in seconds.items()},
        **_of_trace(trace),
    }
    logger.info("article %s", status, extra=fields(known))


def log_dead_letter(record: DeadLetter, article: Article | None, trace: TraceContext) -> None:
    """An article that was refused; ``article`` where it could be read."""
    if not logger.isEnabledFor(logging.INFO):
        return
    known = {
        "status": "dead-lettered",
        "id": record.key,
        **(_of_article(article) if article is not None else {}),
        "stage": record.stage,
        "reason": record.reason,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        **_of_trace(trace),
    }
    logger.info("article dead-lettered", extra=fields(known))


def _of_article(article: Article) -> Fields:
    return {
        "id": article.id,
        "revision": article.revision,
        "source": article.source.name,
        "feed": article.feed_id,
        "language": article.language,
    }


def _of_trace(trace: TraceContext) -> Fields:
    return {"trace_id": trace.trace_id, "span_id": trace.span_id}


def article_attributes(article_id: str, revision: int) -> dict[str, Value]:
    """What a span says of an article: which it is, and nothing that it says."""
    return {"news.id": article_id, "news.revision": revision}
