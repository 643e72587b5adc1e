"""Enriched articles with as many statements as a test asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from pipeline.records import (
    Annotations,
    Content,
    Cue,
    EnrichedArticle,
    Entity,
    Location,
    Mention,
    Model,
    Span,
    Speaker,
    Statement,
)
from tests.fakes.records import MODEL, NOW, an_article

SENTENCE = "Zoë Lind told Ada Park that Brenn can wait. "
_SPEAKER, _CUE, _ADDRESSEE, _PLACE = Span(0, 8), Span(9, 13), Span(14, 22), Span(28, 33)
_CONTENT = Span(28, 42)


def a_debate(
    *, statements: int = 2, revision: int = 1, model: Model = MODEL, **changes: Any
) -> EnrichedArticle:
    """Zoë Lind tells Ada Park something about Brenn, so many times; ``changes`` as they say."""
    text = SENTENCE * max(statements, 1)
    fetched_at = NOW + timedelta(milliseconds=revision)
    fields = {"title": "A debate", "text": text, "revision": revision, "fetched_at": fetched_at}
    article = an_article(**(fields | changes))
    numbers = range(statements) if article.text == text else range(0)
    return EnrichedArticle(
        article=article,
        annotations=Annotations(
            entities=_entities(len(numbers)),
            statements=tuple(_statement(number) for number in numbers),
        ),
        story_id=article.id,
        model=model,
        enriched_at=fetched_at,
    )


def in_two_parts(statement: Statement) -> Statement:
    """The same, as if words of the article stood between its first word and the rest."""
    content = statement.content
    start, end = content.span.start, content.span.end
    parts = (Span(start, start + len("Brenn")), Span(start + len("Brenn can "), end))
    return replace(statement, content=replace(content, parts=parts))


def debate_at(first_seen_at: datetime, **changes: Any) -> EnrichedArticle:
    """A debate first seen then."""
    return a_debate(first_seen_at=first_seen_at, **changes)


def _entities(sentences: int) -> tuple[Entity, ...]:
    if sentences == 0:
        return ()
    mentions = {
        span: tuple(_mention(span, number) for number in range(sentences))
        for span in (_SPEAKER, _ADDRESSEE, _PLACE)
    }
    return (
        Entity(
            name="Zoë Lind",
            type="PERSON",
            mentions=mentions[_SPEAKER],
            roles=("mayor",),
            aliases=("the mayor",),
        ),
        Entity(name="Ada Park", type="PERSON", mentions=mentions[_ADDRESSEE]),
        Entity(
            name="Brenn",
            type="GPE",
            mentions=mentions[_PLACE],
            location=Location(lat=47.5, lon=8.25),
        ),
    )


def _mention(span: Span, number: int) -> Mention:
    return Mention(text=span.of(SENTENCE), span=_moved(span, number))


def _statement(number: int) -> Statement:
    content = _moved(_CONTENT, number)
    return Statement(
        id=f"s{number + 1}",
        type="indirect",
        content=Content(text=_CONTENT.of(SENTENCE), span=content, parts=(content,)),
        cue=Cue(text="told", span=_moved(_CUE, number), lemma="tell"),
        speaker=Speaker(text="Zoë Lind", span=_moved(_SPEAKER, number), entity="Zoë Lind"),
        addressee="Ada Park",
        reported_by="s1" if number else None,
        confidence=0.75,
    )


def _moved(span: Span, sentences: int) -> Span:
    shift = sentences * len(SENTENCE)
    return Span(span.start + shift, span.end + shift)
