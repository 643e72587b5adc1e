"""Records for tests: valid ones with defaults, and hypothesis strategies for any valid one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pipeline.records import (
    Annotations,
    Article,
    Content,
    Cue,
    EnrichedArticle,
    Entity,
    Mention,
    Model,
    Source,
    Span,
    Speaker,
    Statement,
    article_id,
    content_sha256,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MODEL = Model(name="test", version="1")
TEXT = "Mayor Ada Lind said the bridge will open. Officials disagreed."


def an_article(**changes: Any) -> Article:
    """An article about a bridge, with any field changed."""
    url = changes.get("url", "https://courier.example/bridge")
    title, text = changes.get("title", "Bridge to open"), changes.get("text", TEXT)
    fields: dict[str, Any] = {
        "id": article_id(canonical_url=url, feed_id=None, guid=None, content=text),
        "revision": 1,
        "url": url,
        "canonical_url": url,
        "title": title,
        "text": text,
        "source": Source(name="The Courier", domain="courier.example"),
        "first_seen_at": NOW,
        "fetched_at": NOW,
        "content_sha256": content_sha256(title, text),
        "language": "en",
    }
    return Article(**(fields | changes))


def some_annotations() -> Annotations:
    """One person and one statement in ``TEXT``."""
    lind = Mention(text="Ada Lind", span=Span(6, 14))
    statement = Statement(
        id="s1",
        type="indirect",
        content=Content(text="the bridge will open", span=Span(20, 40), parts=(Span(20, 40),)),
        cue=Cue(text="said", span=Span(15, 19), lemma="say"),
        speaker=Speaker(text="Mayor Ada Lind", span=Span(0, 14), entity="Ada Lind"),
    )
    person = Entity(
        name="Ada Lind", type="PERSON", mentions=(lind,), roles=("Mayor",), salience=1.0
    )
    return Annotations(entities=(person,), statements=(statement,))


def an_enriched_article(**changes: Any) -> EnrichedArticle:
    """``an_article`` with ``some_annotations``; ``changes`` are to the article."""
    article = an_article(**changes)
    annotations = some_annotations() if article.text == TEXT else Annotations()
    return EnrichedArticle(
        article=article,
        annotations=annotations,
        story_id=article.id,
        model=MODEL,
        enriched_at=NOW,
    )


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
times = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC]),
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Any valid article."""
    first_seen = draw(times)
    return an_article(
        title=draw(texts),
        text=draw(texts.filter(lambda text: bool(text.strip()))),
        url=draw(st.none() | texts.filter(bool)),
        summary=draw(st.none() | texts),
        authors=tuple(draw(st.lists(texts, max_size=3))),
        published_at=draw(st.none() | times),
        first_seen_at=first_seen,
        fetched_at=first_seen + draw(st.timedeltas(timedelta(0), timedelta(days=900))),
        revision=draw(st.integers(1, 2**53)),
        truncated=draw(st.booleans()),
    )


@st.composite
def spans_of(draw: st.DrawFn, text: str) -> Span:
    """Any span of a text that is not empty."""
    start = draw(st.integers(0, len(text) - 1))
    return Span(start, draw(st.integers(start + 1, len(text))))


@st.composite
def enriched_articles(draw: st.DrawFn) -> EnrichedArticle:
    """Any valid article with entities and statements anywhere in its text."""
    article = draw(articles())
    text = article.text
    names = draw(st.lists(texts.filter(bool), max_size=3, unique=True))
    entities = tuple(Entity(name=n, type="ORG", mentions=(_mention(draw, text),)) for n in names)
    statements = tuple(
        _statement(draw, text, number, names) for number in range(1, draw(st.integers(1, 3)))
    )
    annotations = Annotations(entities=entities, statements=statements)
    return EnrichedArticle(
        article=article,
        annotations=annotations,
        story_id=article.id,
        model=MODEL,
        enriched_at=draw(times),
    )


def _mention(draw: st.DrawFn, text: str) -> Mention:
    span = draw(spans_of(text))
    return Mention(text=span.of(text), span=span)


def _statement(draw: st.DrawFn, text: str, number: int, names: list[str]) -> Statement:
    content, source = draw(spans_of(text)), draw(spans_of(text))
    name = draw(st.none() | st.sampled_from(names)) if names else None
    speaker = Speaker(
        text=source.of(text), span=source, entity=name or "officials", unnamed=not name
    )
    return Statement(
        id=f"s{number}",
        type=draw(st.sampled_from(["direct", "indirect", "mixed"])),
        kind=draw(st.sampled_from(["speech", "thought"])),
        content=Content(text=content.of(text), span=content, parts=(content,)),
        speaker=speaker,
        negated=draw(st.booleans()),
        hypothetical=draw(st.booleans()),
        confidence=draw(st.floats(0, 1)),
    )
