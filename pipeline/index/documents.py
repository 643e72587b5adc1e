"""An enriched article as the documents that go into the index: pure, and serialised once.

One document for the article, and one for each statement, flat: Kibana cannot chart nested fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from pipeline.errors import Rejected
from pipeline.index import fields
from pipeline.index.periods import period_of
from pipeline.index.plan import Facts
from pipeline.index.stories import Story
from pipeline.index.unseen import may_have_unseen, without_unseen
from pipeline.index.words import Word, told, word_of
from pipeline.records import Article, Content, EnrichedArticle, Entity, Reason, Speaker, Statement

Document = Mapping[str, Any]

MAX_MENTIONS = 5_000
"""Elasticsearch refuses a document with over 10,000 nested objects; what is over this stays out."""

CLOCK_SKEW = timedelta(days=1)
"""By which a publisher's clock may be ahead."""
FUTURE_SKEW = timedelta(minutes=10)
"""By which the clocks of our own machines may differ."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class Documents(msgspec.Struct, frozen=True):
    """What one enriched article is in the index, as JSON; statements in text order."""

    article: bytes
    statements: tuple[bytes, ...]


def documents(
    enriched: EnrichedArticle,
    story: Story,
    facts: Facts,
    *,
    first_seen_at: datetime,
    ingested_at: datetime,
) -> Documents:
    """All documents of one article, told as ``facts`` have it.

    ``first_seen_at`` is the stored one where the article is already indexed. Raises
    Rejected(SCHEMA) for what JSON or a date field cannot carry: lone surrogates, NaN, times that
    are outside the years 1 to 9999 in UTC.
    """
    with _refusing_what_json_cannot_carry():
        enriched = replace(enriched, article=told(enriched.article, facts.word))
        shared = _shared(enriched, story, facts, first_seen_at, ingested_at)
        article = shared | _article(enriched, story) | _noted(enriched.article, facts)
        article |= _latency(enriched.article, first_seen_at, ingested_at)
        statements = [shared | statement for statement in _statements(enriched)]
        return Documents(_serialised(article), tuple(_serialised(each) for each in statements))


def retold(article: Document, statements: Iterable[Document], facts: Facts) -> Documents:
    """Documents as they are indexed, told as ``facts`` have it. What these do not say stays.

    Raises Rejected as :func:`documents`.
    """
    word = facts.word
    first_seen_at, fetched_at, published = (
        msgspec.convert(article.get(name), datetime | None)
        for name in (fields.FIRST_SEEN, fields.FETCHED, fields.PUBLISHED)
    )
    with _refusing_what_json_cannot_carry():
        believed = credible(word.published_at or published, fetched_at)
        shared = _present(
            _said(word) | {fields.TIMESTAMP: _date(believed or first_seen_at)},
        )
        own = _present(
            {
                fields.GUID: word.guid,
                fields.SUMMARY: word.summary,
                fields.AUTHORS: list(word.authors),
                fields.TOLD_REVISION: word.revision,
                fields.SEEN_IN: list(facts.seen_in),
                fields.SECONDS_TO_SEE: _seconds(believed, first_seen_at),
            }
        )
        return Documents(
            _serialised({**article, **shared, **own}),
            tuple(_serialised({**each, **shared}) for each in statements),
        )


@contextmanager
def _refusing_what_json_cannot_carry() -> Iterator[None]:
    try:
        yield
    except (OverflowError, UnicodeEncodeError, msgspec.MsgspecError) as error:
        detail = f"cannot be written as JSON: {type(error).__name__}"
        raise Rejected(Reason.SCHEMA, detail) from error


def check_times(article: Article, now: datetime) -> None:
    """Raise Rejected for a time that cannot be: SCHEMA for one that would open an index for a month
    without sense, CLOCK for one in the future.

    A revision from the future would be the newest until then, and keep out every correction.
    """
    latest = now + FUTURE_SKEW
    if article.revision > milliseconds(latest):
        raise Rejected(Reason.CLOCK, "revision lies in the future")
    for name in ("first_seen_at", "fetched_at"):
        if getattr(article, name) > latest:
            raise Rejected(Reason.CLOCK, f"{name} lies in the future")
    if article.first_seen_at < EARLIEST:
        raise Rejected(Reason.SCHEMA, "first_seen_at lies before the year 2000")


def milliseconds(time: datetime) -> int:
    """Since the epoch: what a revision of that time is."""
    return (time - EPOCH) // timedelta(milliseconds=1)


def index_name(alias: str, first_seen_at: datetime) -> str:
    """The index of an article first seen then: the same for every retry and revision of it."""
    return f"{alias}-{period_of(first_seen_at)}"


def statement_document_id(article_id: str, ordinal: int) -> str:
    """The ``_id`` of an article's statement; ordinals count from 1 in text order."""
    return f"{article_id}-{ordinal}"


_encoder = msgspec.json.Encoder()


def _serialised(document: Document) -> bytes:
    """JSON without what is missing, and without what nobody can see."""
    written = _encoder.encode(_present(document))
    if not may_have_unseen(written):
        return written
    return _encoder.encode(without_unseen(msgspec.json.decode(written)))


def _present(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in _MISSING}


_MISSING: tuple[object, ...] = (None, [], "")


def _shared(
    enriched: EnrichedArticle,
    story: Story,
    facts: Facts,
    first_seen_at: datetime,
    ingested_at: datetime,
) -> dict[str, Any]:
    article = enriched.article
    url = article.canonical_url or article.url
    return {
        fields.TIMESTAMP: _date(credible_time(article) or first_seen_at),
        fields.INGESTED: _date(ingested_at),
        fields.ARTICLE_ID: article.id,
        fields.REVISION: article.revision,
        fields.ORIGIN: article.origin,
        fields.TITLE: article.title,
        fields.URL: url,
        fields.URL_DOMAIN: _domain(url),
        **_said(replace(word_of(article), origin=facts.word.origin)),
        fields.LANGUAGE: article.language,
        fields.STORY: story.id,
        fields.COPY_OF: story.copy_of,
        fields.FIRST_SEEN: _date(first_seen_at),
        fields.MODEL_NAME: enriched.model.name,
        fields.MODEL_VERSION: enriched.model.version,
    }


def _said(word: Word) -> dict[str, Any]:
    return {
        fields.SOURCE: word.source.name,
        fields.SOURCE_DOMAIN: word.source.domain,
        fields.SOURCE_COUNTRY: word.source.country,
        fields.TOLD_BY: word.origin,
        fields.FEED: word.feed_id,
        fields.PUBLISHED: _date(word.published_at),
    }


def credible_time(article: Article) -> datetime | None:
    """When an article was published, where that can be believed."""
    return credible(article.published_at, article.fetched_at)


def credible(published: datetime | None, fetched_at: datetime | None) -> datetime | None:
    """The published date, unless it lies ahead of the fetch: it would stay on top of every list."""
    is_ahead = published and fetched_at and published > fetched_at + CLOCK_SKEW
    return None if is_ahead else published


def _article(enriched: EnrichedArticle, story: Story) -> dict[str, Any]:
    found_by = {fields.STORY_TEXT: enriched.story_id, fields.STORY_BANDS: list(story.bands)}
    return _own(enriched.article) | found_by | _annotated(enriched) | _names_by_type(enriched)


def _noted(article: Article, facts: Facts) -> dict[str, Any]:
    latest, told = facts.latest_revision, facts.word.revision
    return {
        fields.LATEST_REVISION: latest if latest > article.revision else None,
        fields.TOLD_REVISION: told if told != article.revision else None,
        fields.SEEN_IN: list(facts.seen_in),
    }


def _own(article: Article) -> dict[str, Any]:
    return {
        fields.URL_ORIGINAL: article.url,
        fields.GUID: article.guid,
        fields.TEXT: article.text,
        fields.SUMMARY: article.summary,
        fields.AUTHORS: list(article.authors),
        fields.FETCHED: _date(article.fetched_at),
        fields.CONTENT_SHA256: article.content_sha256,
        fields.TRUNCATED: article.truncated,
    }


def _latency(article: Article, first_seen_at: datetime, ingested_at: datetime) -> dict[str, Any]:
    """Seconds, never negative: clocks differ, and some publish ahead of time."""
    return {
        fields.SECONDS_TO_SEE: _seconds(credible_time(article), first_seen_at),
        fields.SECONDS_TO_INDEX: _seconds(article.fetched_at, ingested_at),
    }


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start and end else None


def _annotated(enriched: EnrichedArticle) -> dict[str, Any]:
    entities = enriched.annotations.entities
    statements = enriched.annotations.statements
    by_name = {entity.name: entity for entity in entities}
    speakers = _distinct(each.speaker.entity for each in statements if each.speaker is not None)
    return {
        fields.ENRICHED: _date(enriched.enriched_at),
        fields.NOT_ANNOTATED: enriched.not_annotated,
        fields.STATEMENT_COUNT: len(statements),
        fields.ENTITY_FORMS: _distinct(chain.from_iterable(map(_forms, entities))),
        fields.ROLES: _distinct(chain.from_iterable(entity.roles for entity in entities)),
        fields.SPEAKERS: speakers,
        fields.SPEAKERS_FORMS: _all_forms(speakers, by_name),
        fields.LOCATIONS: [
            {"lat": _finite(entity.location.lat), "lon": _finite(entity.location.lon)}
            for entity in entities
            if entity.location is not None
        ],
        fields.MENTIONS: _mentions(entities),
    }


def _names_by_type(enriched: EnrichedArticle) -> dict[str, Any]:
    names: dict[str, list[str]] = {}
    for entity in enriched.annotations.entities:
        names.setdefault(fields.entities_of(entity.type), []).append(entity.name)
    return names


def _mentions(entities: Sequence[Entity]) -> list[dict[str, Any]]:
    every = [
        {
            "entity": entity.name,
            "type": entity.type,
            "kind": mention.kind,
            "text": mention.text,
            "start": mention.span.start,
            "end": mention.span.end,
        }
        for entity in entities
        for mention in sorted(entity.mentions, key=lambda mention: mention.span)
    ]
    return every[:MAX_MENTIONS]


def _statements(enriched: EnrichedArticle) -> list[dict[str, Any]]:
    by_name = {entity.name: entity for entity in enriched.annotations.entities}
    by_id = {statement.id: statement for statement in enriched.annotations.statements}
    return [
        _statement(statement, ordinal)
        | _speaker(statement.speaker, by_name)
        | _concerned(statement, by_name)
        | _reported_by(statement, by_id)
        for ordinal, statement in enumerate(enriched.annotations.statements, start=1)
    ]


def _statement(statement: Statement, ordinal: int) -> dict[str, Any]:
    return {
        fields.STATEMENT_ID: statement.id,
        fields.ORDINAL: ordinal,
        fields.TYPE: statement.type,
        fields.KIND: statement.kind,
        fields.NEGATED: statement.negated,
        fields.HYPOTHETICAL: statement.hypothetical,
        fields.CONFIDENCE: _finite(statement.confidence),
        fields.MEDIUM: statement.medium,
        fields.CONTENT: statement.content.text,
        fields.CONTENT_START: statement.content.span.start,
        fields.CONTENT_END: statement.content.span.end,
        **_parts(statement.content),
        fields.CUE: statement.cue.text if statement.cue else None,
        fields.CUE_LEMMA: statement.cue.lemma if statement.cue else None,
    }


def _parts(content: Content) -> dict[str, Any]:
    """Where the pieces of a split quote stand; nothing where it is in one."""
    if len(content.parts) == 1:
        return {}
    return {
        fields.CONTENT_PART_STARTS: [part.start for part in content.parts],
        fields.CONTENT_PART_ENDS: [part.end for part in content.parts],
    }


def _speaker(speaker: Speaker | None, by_name: Mapping[str, Entity]) -> dict[str, Any]:
    if speaker is None:
        return {}
    entity = by_name.get(speaker.entity)
    return {
        fields.SPEAKER: speaker.entity,
        fields.SPEAKER_FORMS: _all_forms([speaker.entity], by_name),
        fields.SPEAKER_TEXT: speaker.text,
        fields.SPEAKER_TYPE: entity.type if entity else None,
        fields.SPEAKER_ROLES: list(entity.roles) if entity else [],
        fields.SPEAKER_UNNAMED: speaker.unnamed,
    }


def _concerned(statement: Statement, by_name: Mapping[str, Entity]) -> dict[str, Any]:
    """Whom it was said to, and whom or what it speaks of: not who is named between its parts."""
    parts = statement.content.parts
    about = [
        entity.name
        for entity in by_name.values()
        if any(part.covers(mention.span) for mention in entity.mentions for part in parts)
    ]
    addressee = statement.addressee
    return {
        fields.ADDRESSEE: addressee,
        fields.ADDRESSEE_FORMS: _all_forms([addressee], by_name) if addressee else [],
        fields.ABOUT: about,
        fields.ABOUT_FORMS: _all_forms(about, by_name),
    }


def _reported_by(statement: Statement, by_id: Mapping[str, Statement]) -> dict[str, Any]:
    if statement.reported_by is None:
        return {}
    reporter = by_id[statement.reported_by].speaker
    return {
        fields.REPORTED_BY: statement.reported_by,
        fields.REPORTED_BY_SPEAKER: reporter.entity if reporter else None,
    }


def _forms(entity: Entity) -> tuple[str, ...]:
    return entity.name, *entity.aliases


def _all_forms(names: Iterable[str], by_name: Mapping[str, Entity]) -> list[str]:
    """Every form of each name; a name without an entity ("officials") stands for itself."""
    return _distinct(
        chain.from_iterable(_forms(by_name[name]) if name in by_name else (name,) for name in names)
    )


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _date(time: datetime | None) -> str | None:
    """Milliseconds, UTC: the ``strict_date_time`` of the mapping."""
    return None if time is None else time.astimezone(UTC).isoformat(timespec="milliseconds")


def _finite(number: float) -> float:
    """Msgspec would write NaN and the infinities as null, and say nothing."""
    if not isfinite(number):
        raise Rejected(Reason.SCHEMA, "a number is not finite")
    return number


def _domain(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
