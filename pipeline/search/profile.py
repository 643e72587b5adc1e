"""Someone or something over all articles: when, in which roles, speaking of whom and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.search.asking import ask
from pipeline.search.facets import (
    TIMELINE,
    Count,
    Facet,
    Timeline,
    read_facet,
    read_timeline,
    terms,
    timeline,
)
from pipeline.search.filters import ASSERTED, Query, any_of, term
from pipeline.search.hits import StatementHit, statement_hit
from pipeline.search.queries import Body
from pipeline.settings import IndexSettings

LATEST = 10
PLACES = 50


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an entity by its canonical name, in any case and without accents.

    ``articles`` mention it, at times as in ``timeline``; ``types`` are the labels they give it and
    ``sources`` where they appeared, ``together_with`` the entities they name beside it more often
    than others do. Of the ``statements`` that it made, ``roles`` are those it had, ``about`` and
    ``to`` whom it spoke of and to, ``latest`` the newest. ``by`` are those who spoke about it.
    ``names`` are its name as written, the commonest first.
    """

    name: str
    names: tuple[Count, ...]
    articles: int
    statements: int
    timeline: Timeline
    types: Facet
    sources: Facet
    together_with: tuple[Count, ...]
    roles: Facet
    about: Facet
    to: Facet
    by: Facet
    latest: tuple[StatementHit, ...]
    latest_about: tuple[StatementHit, ...]


async def read_profile(
    client: AsyncElasticsearch, settings: IndexSettings, name: str
) -> Profile | None:
    """The profile of that name; None where no article mentions it and nobody quotes it."""
    articles, made, about = await asyncio.gather(
        ask(client, settings.articles, articles_body(name)),
        ask(client, settings.statements, made_body(name)),
        ask(client, settings.statements, about_body(name)),
    )
    if not (_total(articles) or _total(made) or _total(about)):
        return None
    return profile_of(name, articles, made, about)


def articles_body(name: str) -> Body:
    """Articles that mention the entity."""
    return {
        "query": {"bool": {"filter": [_mentioned(name)]}},
        "size": 0,
        "track_total_hits": True,
        "aggs": {
            TIMELINE: timeline("day"),
            "sources": terms(fields.SOURCE),
            "mentions": {
                "nested": {"path": fields.MENTIONS},
                "aggs": {
                    "own": {
                        "filter": term(fields.folded(_MENTION_ENTITY), name),
                        "aggs": {"names": terms(_MENTION_ENTITY), "types": terms(_MENTION_TYPE)},
                    }
                },
            },
            **{
                f"with_{kind}": {
                    "significant_terms": {"field": field, "size": 12, "min_doc_count": 2}
                }
                for kind, field in _COMPANY.items()
            },
        },
    }


def made_body(name: str) -> Body:
    """Statements that the entity made, those it denied or may make left out of the counts."""
    return _statements_body(
        term(fields.folded(fields.SPEAKER), name),
        {
            "roles": terms(fields.SPEAKER_ROLES),
            "about": terms(fields.ABOUT),
            "to": terms(fields.ADDRESSEE),
        },
    )


def about_body(name: str) -> Body:
    """Statements that speak of the entity."""
    return _statements_body(term(fields.folded(fields.ABOUT), name), {"by": terms(fields.SPEAKER)})


def profile_of(
    name: str, articles: Mapping[str, Any], made: Mapping[str, Any], about: Mapping[str, Any]
) -> Profile:
    """Read what Elasticsearch answered to the three bodies."""
    counted, said = articles["aggregations"], made["aggregations"]
    own = counted["mentions"]["own"]
    names = read_facet(own["names"]).values
    folded = name.casefold()
    return Profile(
        name=names[0].value if names else name,
        names=names,
        articles=_total(articles),
        statements=_total(made),
        timeline=read_timeline(counted[TIMELINE]),
        types=read_facet(own["types"]),
        sources=read_facet(counted["sources"]),
        together_with=tuple(each for each in _company(counted) if each.value.casefold() != folded),
        roles=read_facet(said["roles"]),
        about=read_facet(said["about"]),
        to=read_facet(said["to"]),
        by=read_facet(about["aggregations"]["by"]),
        latest=tuple(map(statement_hit, made["hits"]["hits"])),
        latest_about=tuple(map(statement_hit, about["hits"]["hits"])),
    )


_MENTION_ENTITY = f"{fields.MENTIONS}.entity"
_MENTION_TYPE = f"{fields.MENTIONS}.type"
_COMPANY = {label: fields.entities_of(label) for label in ("PERSON", "ORG", "GPE")}


def _mentioned(name: str) -> Query:
    """In any of the fields of names, which are not nested: faster than to ask the mentions."""
    named = (*dict.fromkeys(map(fields.entities_of, fields.ENTITY_TYPES)), fields.OTHER_ENTITIES)
    return any_of(*(term(fields.folded(field), name) for field in named))


def _statements_body(query: Query, counted: dict[str, Any]) -> Body:
    return {
        "query": {"bool": {"filter": [query, *ASSERTED]}},
        "sort": [
            {fields.TIMESTAMP: "desc"}, {fields.ARTICLE_ID: "asc"}, {fields.ORDINAL: "asc"}
        ],
        "size": LATEST,
        "track_total_hits": True,
        "aggs": counted,
    }  # fmt: skip


def _company(counted: Mapping[str, Any]) -> list[Count]:
    """Of every type together, those that stand out most first."""
    buckets = [each for label in _COMPANY for each in counted[f"with_{label}"]["buckets"]]
    buckets.sort(key=lambda each: -each["score"])
    return [Count(each["key"], each["doc_count"]) for each in buckets[:PLACES]]


def _total(answer: Mapping[str, Any]) -> int:
    total: int = answer["hits"]["total"]["value"]
    return total
