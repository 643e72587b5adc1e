"""One article with all that was found in it, and the story it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.records import Origin, Span
from pipeline.search.asking import ask
from pipeline.search.filters import term
from pipeline.search.hits import (
    ArticleHit,
    Hit,
    StatementHit,
    article_hit,
    read_time,
    statement_hit,
)
from pipeline.search.queries import ARTICLE_HIT, Body
from pipeline.search.revisions import VERSION, Version, versions_of
from pipeline.settings import IndexSettings

STATEMENTS_LIMIT = 1_000
COPIES_LIMIT = 200
SIMILAR_LIMIT = 10


class EntityMention(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entity stands in the text of the article. ``kind`` is name, pronoun, nominal, ..."""

    entity: str
    type: str
    kind: str
    span: Span


class PlacedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement, and where its content stands in the text of the article: in several parts where
    the article's own words stand between."""

    statement: StatementHit
    span: Span
    parts: tuple[Span, ...]


class WholeArticle(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it is indexed. ``summary`` is the feed's, ``roles`` are those its text gives.

    ``revision`` is the time of the version, in milliseconds since the epoch. ``copy_of`` is the id
    of the first article of its story, None in that one. ``not_annotated`` says why nothing was
    looked for. ``origin`` says whose word title and text are, ``told_by`` whose word source,
    authors, summary and time of publication are; None where nobody said. ``feed`` is the feed of
    ``told_by``; ``seen_in`` are all that led to the article, at most ``words.MAX_FEEDS``.
    """

    article: ArticleHit
    text: str
    summary: str | None
    authors: tuple[str, ...]
    revision: int
    fetched: datetime | None
    copy_of: str | None
    truncated: bool
    not_annotated: str | None
    origin: Origin | None
    told_by: Origin | None
    feed: str | None
    seen_in: tuple[str, ...]
    roles: tuple[str, ...]
    mentions: tuple[EntityMention, ...]
    statements: tuple[PlacedStatement, ...]


class StoryCopy(msgspec.Struct, frozen=True, kw_only=True):
    """One article of a story. ``revision`` as in :class:`WholeArticle`; ``first`` marks the one
    that all others are copies of. ``versions`` are those it had, oldest first."""

    article: ArticleHit
    revision: int
    first: bool
    versions: tuple[Version, ...]


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """All articles of a story, in the order in which they were first seen; of more than
    ``COPIES_LIMIT`` the earliest. ``total`` counts them all."""

    id: str
    copies: tuple[StoryCopy, ...]
    total: int


async def read_article(
    client: AsyncElasticsearch, settings: IndexSettings, article_id: str
) -> WholeArticle | None:
    """The article of that id; None where there is none."""
    answer = await ask(client, settings.articles, _article_body(article_id))
    hits = answer["hits"]["hits"]
    if not hits:
        return None
    found = await ask(client, settings.statements, _statements_body(article_id))
    statements = tuple(map(_placed, found["hits"]["hits"]))
    return _whole(hits[0], statements)


async def read_story(
    client: AsyncElasticsearch, settings: IndexSettings, story_id: str
) -> StoryView | None:
    """The story of that id; None where no article belongs to it."""
    answer = await ask(client, settings.articles, _story_body(story_id))
    hits = answer["hits"]["hits"]
    sources = [hit["_source"] for hit in hits]
    ids = [source[fields.ARTICLE_ID] for source in sources]
    versions = await versions_of(client, settings, ids, sources) if ids else {}
    copies = tuple(
        _copy(hit, versions[article_id]) for hit, article_id in zip(hits, ids, strict=True)
    )
    total = answer["hits"]["total"]["value"]
    return StoryView(id=story_id, copies=copies, total=total) if copies else None


async def similar_articles(
    client: AsyncElasticsearch, settings: IndexSettings, whole: WholeArticle
) -> list[ArticleHit]:
    """Articles of other stories that share its rarer words, the most alike first."""
    answer = await ask(client, settings.articles, _similar_body(whole))
    return [article_hit(hit) for hit in answer["hits"]["hits"]]


def _article_body(article_id: str) -> Body:
    return {"query": {"bool": {"filter": [term(fields.ARTICLE_ID, article_id)]}}, "size": 1}


def _statements_body(article_id: str) -> Body:
    return {
        "query": {"bool": {"filter": [term(fields.ARTICLE_ID, article_id)]}},
        "sort": [{fields.ORDINAL: "asc"}],
        "size": STATEMENTS_LIMIT,
    }


def _story_body(story_id: str) -> Body:
    return {
        "query": {"bool": {"filter": [term(fields.STORY, story_id)]}},
        "sort": [{fields.FIRST_SEEN: "asc"}, {fields.ARTICLE_ID: "asc"}],
        "size": COPIES_LIMIT,
        "track_total_hits": True,
        "_source": [*ARTICLE_HIT, *VERSION, fields.COPY_OF],
    }


def _similar_body(whole: WholeArticle) -> Body:
    alike = {
        "fields": [fields.TITLE, fields.TEXT],
        "like": [whole.article.title, whole.text],
        "min_term_freq": 1,
        "max_query_terms": 30,
        "minimum_should_match": "30%",
    }
    own = [term(fields.ARTICLE_ID, whole.article.id)]
    if whole.article.story:
        own.append(term(fields.STORY, whole.article.story))
    return {
        "query": {"bool": {"must": [{"more_like_this": alike}], "must_not": own}},
        "collapse": {"field": fields.STORY},
        "size": SIMILAR_LIMIT,
        "_source": ARTICLE_HIT,
    }


def _whole(hit: Hit, statements: tuple[PlacedStatement, ...]) -> WholeArticle:
    source = hit["_source"]
    return WholeArticle(
        article=article_hit(hit),
        text=source[fields.TEXT],
        summary=source.get(fields.SUMMARY),
        authors=tuple(source.get(fields.AUTHORS, ())),
        revision=source[fields.REVISION],
        fetched=read_time(source.get(fields.FETCHED)),
        copy_of=source.get(fields.COPY_OF),
        truncated=source.get(fields.TRUNCATED, False),
        not_annotated=source.get(fields.NOT_ANNOTATED),
        origin=source.get(fields.ORIGIN),
        told_by=source.get(fields.TOLD_BY),
        feed=source.get(fields.FEED),
        seen_in=tuple(source.get(fields.SEEN_IN, ())),
        roles=tuple(source.get(fields.ROLES, ())),
        mentions=tuple(map(_mention, source.get(fields.MENTIONS, ()))),
        statements=statements,
    )


def _mention(mention: dict[str, Any]) -> EntityMention:
    return EntityMention(
        entity=mention["entity"],
        type=mention["type"],
        kind=mention["kind"],
        span=Span(mention["start"], mention["end"]),
    )


def _placed(hit: Hit) -> PlacedStatement:
    source = hit["_source"]
    span = Span(source[fields.CONTENT_START], source[fields.CONTENT_END])
    statement = statement_hit(hit)
    parts = (Span(span.start + part.start, span.start + part.end) for part in statement.parts)
    return PlacedStatement(statement=statement, span=span, parts=tuple(parts))


def _copy(hit: Hit, versions: Sequence[Version]) -> StoryCopy:
    source = hit["_source"]
    return StoryCopy(
        article=article_hit(hit),
        revision=source[fields.REVISION],
        first=fields.COPY_OF not in source,
        versions=tuple(versions),
    )
