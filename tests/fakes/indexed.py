"""Articles as the index has them, for tests of what a batch makes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from pipeline.index.bulk_outcome import Seen
from pipeline.index.plan import Candidate, Facts, Stored, candidates
from pipeline.index.stories import Story
from pipeline.index.words import led_there, word_of
from pipeline.records import EnrichedArticle
from tests.fakes.records import NOW

SEEN = Seen(7, 1)


def only(*batch: EnrichedArticle) -> Candidate:
    """The candidate of a batch of one article's versions."""
    (candidate,) = candidates(enumerate(batch)).values()
    return candidate


def facts_of(enriched: EnrichedArticle, **changes: Any) -> Facts:
    """Those of an article whose only version this is."""
    article = enriched.article
    fields: dict[str, Any] = {
        "latest_revision": article.revision,
        "word": word_of(article),
        "seen_in": led_there([article.feed_id]),
    }
    return Facts(**(fields | changes))


def stored(
    enriched: EnrichedArticle, *, facts: dict[str, Any] | None = None, **changes: Any
) -> Stored:
    """As it is indexed, in February, first seen nine days ago."""
    indexed = Stored(
        month="2026.02",
        seen=SEEN,
        revision=enriched.article.revision,
        origin=enriched.article.origin,
        content_sha256=enriched.article.content_sha256,
        text_id=enriched.story_id,
        first_seen_at=NOW - timedelta(days=9),
        statement_count=len(enriched.annotations.statements),
        model=enriched.model,
        story=Story(id="0" * 32),
        facts=facts_of(enriched, **(facts or {})),
    )
    return replace(indexed, **changes)
