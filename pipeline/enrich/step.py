"""The enrichment step: articles in, enriched articles out; pure but for its annotator."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from pipeline.enrich.language import detect_language, primary_language
from pipeline.enrich.salience import weigh
from pipeline.enrich.text_input import Annotate, Outcome, TextInput
from pipeline.errors import Rejected
from pipeline.records import Annotations, Article, EnrichedArticle, Model


async def enrich(
    articles: Sequence[Article], annotate: Annotate, models: Mapping[str, Model], now: datetime
) -> list[EnrichedArticle | Rejected]:
    """One result for each article, in order. ``models`` are those of the annotator, by language.

    Articles in a language without a model pass through with ``not_annotated`` set. A Rejected is
    what the annotator made of that article's text. Texts are expected to be within the size limit.
    """
    placed = [with_language(article) for article in articles]
    readable = [article for article in placed if is_annotated(article.language, models)]
    outcomes = iter(await annotate([to_input(article) for article in readable]))
    return [
        finish(
            article, next(outcomes) if is_annotated(article.language, models) else None, models, now
        )
        for article in placed
    ]


def finish(
    article: Article, outcome: Outcome | None, models: Mapping[str, Model], now: datetime
) -> EnrichedArticle | Rejected:
    """The article with its outcome; None stands for a language that is not annotated. It names the
    model of its language, or, where there is none, the first, which would read it."""
    if isinstance(outcome, Rejected):
        return outcome
    return EnrichedArticle(
        article=article,
        annotations=Annotations() if outcome is None else weigh(outcome, article.title),
        story_id=story_id(article.text),
        model=models.get(article.language or "") or next(iter(models.values())),
        enriched_at=now,
        not_annotated=no_model(article.language) if outcome is None else None,
    )


def with_language(article: Article) -> Article:
    """The article with the language its text is in; where that is unclear, the one it claims."""
    language = detect_language(article.text) or primary_language(article.language)
    if language == article.language:
        return article
    return msgspec.structs.replace(article, language=language)


def is_annotated(language: str | None, languages: Collection[str]) -> bool:
    """Whether there is a model for texts of this language; one too short to tell is tried."""
    return language is None or language in languages


def no_model(language: str | None) -> str:
    """Why a text has no annotations."""
    return f"no model for language '{language}'"


def to_input(article: Article) -> TextInput:
    """What the annotator needs of an article."""
    return TextInput(article.text, article.language)


def story_id(text: str) -> str:
    """The first 128 bits, in hex, of the SHA-256 of the text without case and spacing: copies of a
    story in several papers share it."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:32]
