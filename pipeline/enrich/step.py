"""The enrichment step: articles in, enriched articles out; pure but for its annotator."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from pipeline.enrich.language import detect_language, primary_language
from pipeline.enrich.text_input import Outcome, TextInput
from pipeline.errors import Rejected
from pipeline.records import Annotations, Article, EnrichedArticle, Model

ANNOTATED_LANGUAGE = "en"

Annotate: TypeAlias = Callable[[list[TextInput]], Awaitable[list[Outcome]]]


async def enrich(
    articles: Sequence[Article], annotate: Annotate, model: Model, now: datetime
) -> list[EnrichedArticle | Rejected]:
    """One result for each article, in order.

    Articles in a language without a model pass through with ``not_annotated`` set. A Rejected is
    what the annotator made of that article's text. Texts are expected to be within the size limit.
    """
    placed = [with_language(article) for article in articles]
    readable = [article for article in placed if is_annotated(article)]
    outcomes = iter(await annotate([to_input(article) for article in readable]))
    return [
        finish(article, next(outcomes) if is_annotated(article) else None, model, now)
        for article in placed
    ]


def finish(
    article: Article, outcome: Outcome | None, model: Model, now: datetime
) -> EnrichedArticle | Rejected:
    """The article with its outcome; None stands for a language that is not annotated."""
    if isinstance(outcome, Rejected):
        return outcome
    return EnrichedArticle(
        article=article,
        annotations=Annotations() if outcome is None else outcome,
        story_id=story_id(article.text),
        model=model,
        enriched_at=now,
        not_annotated=f"no model for language '{article.language}'" if outcome is None else None,
    )


def with_language(article: Article) -> Article:
    """The article with the language its text is in; where that is unclear, the one it claims."""
    language = detect_language(article.text) or primary_language(article.language)
    if language == article.language:
        return article
    return msgspec.structs.replace(article, language=language)


def is_annotated(article: Article) -> bool:
    """Whether the model reads this article; a text too short to tell its language is tried."""
    return article.language in (ANNOTATED_LANGUAGE, None)


def to_input(article: Article) -> TextInput:
    """What the annotator needs of an article."""
    return TextInput(article.text, article.title, article.language)


def story_id(text: str) -> str:
    """The first 128 bits, in hex, of the SHA-256 of the text without case and spacing: copies of a
    story in several papers share it."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:32]
