"""What a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from pipeline.index import fields
from pipeline.records import Span
from pipeline.search.queries import COPIES, MARK_END, MARK_START


class ArticleHit(msgspec.Struct, frozen=True, kw_only=True):
    """An article.

    ``snippet`` is a passage of its text; ``matches`` are the spans of the snippet that the words of
    the search matched. ``score`` is only comparable within one search. ``articles`` is how many of
    its story the search matches, where each story was asked for once, and 1 otherwise.
    """

    id: str
    title: str
    url: str | None
    source: str
    published: datetime | None
    first_seen: datetime
    language: str | None
    story: str | None
    articles: int
    score: float
    snippet: str
    matches: tuple[Span, ...]


class StatementHit(msgspec.Struct, frozen=True, kw_only=True):
    """Who said what, to whom, when, and where it was read.

    ``id`` is ``s1``, ``s2``, ... in its article and ``reported_by`` such an id, with its speaker
    beside it. ``role`` is the first that the article gives the speaker. ``matches`` are spans of
    ``content``; so are ``parts``, what was said of it where words of the article stand between.
    ``published`` and ``first_seen`` are the article's.
    """

    id: str
    article_id: str
    speaker: str | None
    speaker_text: str | None
    role: str | None
    cue: str | None
    content: str
    parts: tuple[Span, ...]
    matches: tuple[Span, ...]
    type: str
    kind: str
    addressee: str | None
    medium: str | None
    negated: bool
    hypothetical: bool
    reported_by: str | None
    reported_by_speaker: str | None
    about: tuple[str, ...]
    confidence: float
    title: str
    url: str | None
    source: str
    published: datetime | None
    first_seen: datetime
    score: float


Hit = Mapping[str, Any]


def article_hit(hit: Hit) -> ArticleHit:
    """Read one hit of ``queries.articles_body``."""
    source = hit["_source"]
    passages = hit.get("highlight", {}).get(fields.TEXT, [""])
    snippet, matches = unmarked(passages[0].replace("\n", " "))
    return ArticleHit(
        id=source[fields.ARTICLE_ID],
        language=source.get(fields.LANGUAGE),
        story=source.get(fields.STORY),
        articles=_articles(hit),
        snippet=snippet,
        matches=matches,
        **_provenance(hit),
    )


def _articles(hit: Hit) -> int:
    story = hit.get("inner_hits", {}).get(COPIES)
    return story["hits"]["total"]["value"] if story else 1


def statement_hit(hit: Hit) -> StatementHit:
    """Read one hit of ``queries.statements_body``."""
    source = hit["_source"]
    content = source[fields.CONTENT]
    marked = hit.get("highlight", {}).get(fields.CONTENT, [content])
    plain, matches = unmarked(marked[0])
    return StatementHit(
        id=source[fields.STATEMENT_ID],
        article_id=source[fields.ARTICLE_ID],
        speaker=source.get(fields.SPEAKER),
        speaker_text=source.get(fields.SPEAKER_TEXT),
        role=next(iter(source.get(fields.SPEAKER_ROLES, ())), None),
        cue=source.get(fields.CUE),
        content=content,
        parts=_parts(source),
        matches=matches if plain == content else (),
        type=source[fields.TYPE],
        kind=source.get(fields.KIND, "speech"),
        addressee=source.get(fields.ADDRESSEE),
        medium=source.get(fields.MEDIUM),
        negated=source[fields.NEGATED],
        hypothetical=source.get(fields.HYPOTHETICAL, False),
        reported_by=source.get(fields.REPORTED_BY),
        reported_by_speaker=source.get(fields.REPORTED_BY_SPEAKER),
        about=tuple(source.get(fields.ABOUT, ())),
        confidence=source[fields.CONFIDENCE],
        **_provenance(hit),
    )


def _parts(source: Mapping[str, Any]) -> tuple[Span, ...]:
    starts = source.get(fields.CONTENT_PART_STARTS, [source[fields.CONTENT_START]])
    ends = source.get(fields.CONTENT_PART_ENDS, [source[fields.CONTENT_END]])
    first = source[fields.CONTENT_START]
    return tuple(Span(start - first, end - first) for start, end in zip(starts, ends, strict=True))


def _provenance(hit: Hit) -> dict[str, Any]:
    source = hit["_source"]
    return {
        "title": source.get(fields.TITLE, ""),
        "url": source.get(fields.URL),
        "source": source[fields.SOURCE],
        "published": read_time(source.get(fields.PUBLISHED)),
        "first_seen": read_time(source[fields.FIRST_SEEN]),
        "score": hit.get("_score") or 0.0,
    }


def read_time(text: str | None) -> datetime | None:
    """A date field of a document."""
    return None if text is None else datetime.fromisoformat(text)


def unmarked(text: str) -> tuple[str, tuple[Span, ...]]:
    """The text without highlighting marks, and where they stood."""
    plain, spans = "", []
    for place, piece in enumerate(text.split(MARK_START)):
        matched, end, rest = piece.partition(MARK_END)
        if place and end and matched:
            spans.append(Span(len(plain), len(plain) + len(matched)))
        plain += matched + rest.replace(MARK_END, "")
    return plain, tuple(spans)
