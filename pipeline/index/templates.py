"""Index templates: how Elasticsearch stores what :mod:`documents` writes.

Strict: a field that is not mapped here is refused. The read aliases are part of the templates, so
the index of a new month can be searched from its first document on. Everything used here is in the
core server: no ILM policy, no ingest pipeline, no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticsearch import AsyncElasticsearch, BadRequestError

from pipeline.errors import ConfigurationError
from pipeline.index import fields
from pipeline.index.client import indices_behind
from pipeline.index.revisions import KEPT
from pipeline.metrics import LABELS
from pipeline.settings import IndexSettings

SCHEMA_VERSION = 5
"""Raised with each change of the mappings. Fields may be added; a changed one needs new indices."""

NAME_LIMIT = 1_024
"""Characters; longer names are kept but not indexed. Lucene refuses a term over 32,766 bytes."""

Mappings = Mapping[str, Mapping[str, Any]]

KEYWORD = {"type": "keyword", "ignore_above": NAME_LIMIT}
UNSEARCHED_KEYWORD = {"type": "keyword", "index": False, "doc_values": False}
FOUND_KEYWORD = {"type": "keyword", "doc_values": False}
"""To be found by, never to be sorted or counted: that would take as much room again."""
LONG = {"type": "long"}
INTEGER = {"type": "integer"}
FLOAT = {"type": "float"}
POSITION = {"type": "integer", "index": False, "doc_values": False}
BOOLEAN = {"type": "boolean"}
DATE = {"type": "date", "format": "strict_date_time"}
FOLDED = {"folded": KEYWORD | {"normalizer": "folded"}}
NAME = KEYWORD | {"fields": FOLDED}
"""A name as it is written, for counting; ``.folded`` without case and accents, for comparing."""
ROLE = KEYWORD | {
    "fields": {**FOLDED, "words": {"type": "text", "analyzer": "words", "norms": False}},
}
"""A role as it is written; ``.words`` finds "Foreign Minister" by "minister"."""
FORMS = {"type": "text", "analyzer": "words", "norms": False}
"""Names and aliases word by word, so that a family name finds its holder."""
ENGLISH = {
    "type": "text",
    "analyzer": "english",
    "fields": {"exact": {"type": "text", "analyzer": "words"}},
}
"""Text by its stems; ``.exact`` as written, for quoted phrases."""

SHARED: Mappings = {
    fields.TIMESTAMP: DATE,
    fields.INGESTED: DATE,
    fields.ARTICLE_ID: KEYWORD,
    fields.REVISION: LONG,
    fields.TITLE: ENGLISH,
    fields.URL: KEYWORD,
    fields.URL_DOMAIN: KEYWORD,
    fields.SOURCE: NAME,
    fields.SOURCE_DOMAIN: KEYWORD,
    fields.SOURCE_COUNTRY: KEYWORD,
    fields.FEED: KEYWORD,
    fields.LANGUAGE: KEYWORD,
    fields.STORY: KEYWORD,
    fields.COPY_OF: KEYWORD,
    fields.PUBLISHED: DATE,
    fields.FIRST_SEEN: DATE,
    fields.MODEL_NAME: KEYWORD,
    fields.MODEL_VERSION: KEYWORD,
}

MENTION: Mappings = {
    "entity": NAME,
    "type": KEYWORD,
    "kind": KEYWORD,
    "text": UNSEARCHED_KEYWORD,
    "start": POSITION,
    "end": POSITION,
}

ARTICLES: Mappings = {
    **SHARED,
    fields.URL_ORIGINAL: KEYWORD,
    fields.GUID: KEYWORD,
    fields.TEXT: ENGLISH,
    fields.SUMMARY: ENGLISH,
    fields.AUTHORS: NAME,
    fields.FETCHED: DATE,
    fields.SECONDS_TO_SEE: FLOAT,
    fields.SECONDS_TO_INDEX: FLOAT,
    fields.ENRICHED: DATE,
    fields.CONTENT_SHA256: KEYWORD,
    fields.STORY_TEXT: KEYWORD,
    fields.STORY_BANDS: FOUND_KEYWORD,
    fields.TRUNCATED: BOOLEAN,
    fields.NOT_ANNOTATED: KEYWORD,
    fields.STATEMENT_COUNT: INTEGER,
    **dict.fromkeys(map(fields.entities_of, fields.ENTITY_TYPES), NAME),
    fields.OTHER_ENTITIES: NAME,
    fields.ENTITY_FORMS: FORMS,
    fields.ROLES: ROLE,
    fields.SPEAKERS: NAME,
    fields.SPEAKERS_FORMS: FORMS,
    fields.LOCATIONS: {"type": "geo_point"},
    fields.MENTIONS: {"type": "nested", "dynamic": "strict", "properties": MENTION},
}

STATEMENTS: Mappings = {
    **SHARED,
    fields.STATEMENT_ID: KEYWORD,
    fields.ORDINAL: INTEGER,
    fields.TYPE: KEYWORD,
    fields.KIND: KEYWORD,
    fields.NEGATED: BOOLEAN,
    fields.HYPOTHETICAL: BOOLEAN,
    fields.CONFIDENCE: FLOAT,
    fields.MEDIUM: KEYWORD,
    fields.CONTENT: ENGLISH,
    fields.CONTENT_START: POSITION,
    fields.CONTENT_END: POSITION,
    fields.CONTENT_PART_STARTS: POSITION,
    fields.CONTENT_PART_ENDS: POSITION,
    fields.CUE: KEYWORD,
    fields.CUE_LEMMA: KEYWORD,
    fields.SPEAKER: NAME,
    fields.SPEAKER_FORMS: FORMS,
    fields.SPEAKER_TEXT: KEYWORD,
    fields.SPEAKER_TYPE: KEYWORD,
    fields.SPEAKER_ROLES: ROLE,
    fields.SPEAKER_UNNAMED: BOOLEAN,
    fields.ADDRESSEE: NAME,
    fields.ADDRESSEE_FORMS: FORMS,
    fields.ABOUT: NAME,
    fields.ABOUT_FORMS: FORMS,
    fields.REPORTED_BY: KEYWORD,
    fields.REPORTED_BY_SPEAKER: NAME,
}

REVISIONS: Mappings = {
    **{name: ARTICLES[name] for name in KEPT},
    fields.QUOTED: {"type": "object", "enabled": False},
}

HEALTH: Mappings = {
    fields.TIMESTAMP: DATE,
    fields.DATASET: KEYWORD,
    fields.STATION: KEYWORD,
    fields.FEED: KEYWORD,
    fields.FEED_OUTCOME: KEYWORD,
    fields.FEED_HEALTH: KEYWORD,
    fields.FEED_REASON: KEYWORD,
    fields.FEED_PUBLISHED: INTEGER,
    fields.FEED_WAITING: INTEGER,
    fields.FEED_FAILURES: INTEGER,
    fields.FEED_NEW_PER_DAY: FLOAT,
    fields.FEED_NEXT_POLL: DATE,
    fields.LAG_STATION: KEYWORD,
    fields.LAG_MESSAGES: LONG,
    fields.COUNTER: KEYWORD,
    fields.COUNTER_INCREASE: LONG,
    **dict.fromkeys(map(fields.counter_label, LABELS), KEYWORD),
}

ANALYSIS = {
    "normalizer": {"folded": {"type": "custom", "filter": ["lowercase", "asciifolding"]}},
    "analyzer": {
        "words": {
            "type": "custom",
            "tokenizer": "standard",
            "filter": ["lowercase", "asciifolding"],
        }
    },
}


def mappings(properties: Mappings) -> dict[str, Any]:
    """The mappings of an index with these fields and no others."""
    return {
        "dynamic": "strict",
        "_meta": {"schema_version": SCHEMA_VERSION},
        "properties": dict(properties),
    }


def common_settings(settings: IndexSettings) -> dict[str, Any]:
    """What an operator may set for every index."""
    return {
        "number_of_shards": settings.shards,
        "number_of_replicas": settings.replicas,
        "refresh_interval": settings.refresh_interval,
    }


async def setup(client: AsyncElasticsearch, settings: IndexSettings) -> None:
    """Put the templates in place, and bring the indices that exist up to them. Can be repeated.

    Raises ConfigurationError where an alias is taken by an index, or an existing index cannot take
    the mappings, and lets the client's TransportError and ApiError out.
    """
    for alias, properties in zip(settings.aliases, _MAPPED, strict=True):
        existing = await indices_behind(client, alias)
        if alias in existing:
            raise ConfigurationError(
                f"setting index: {alias} is to be an alias, and is an index; rename or delete it"
            )
        await _put_templates(client, alias, properties, settings)
        if existing:
            await _update_indices(client, alias, properties)


_MAPPED = (ARTICLES, STATEMENTS, REVISIONS, HEALTH)
"""In the order of the aliases."""


async def _put_templates(
    client: AsyncElasticsearch, alias: str, properties: Mappings, settings: IndexSettings
) -> None:
    parts = {
        f"{alias}-settings": {"settings": common_settings(settings)},
        # The analysis goes with the mappings: Elasticsearch checks each component by itself.
        f"{alias}-mappings": {
            "mappings": mappings(properties),
            "settings": {"analysis": ANALYSIS},
        },
    }
    for name, template in parts.items():
        await client.cluster.put_component_template(
            name=name, template=template, version=SCHEMA_VERSION
        )
    await client.indices.put_index_template(
        name=alias,
        index_patterns=[f"{alias}-*"],
        composed_of=list(parts),
        template={"aliases": {alias: {}}},
        # The longer name wins, so that news-articles-* may stand beside news-articles-test-*.
        priority=500 + len(alias),
        version=SCHEMA_VERSION,
        meta={"schema_version": SCHEMA_VERSION},
    )


async def _update_indices(client: AsyncElasticsearch, alias: str, properties: Mappings) -> None:
    """Without this, the first document with a new field is refused until the month is over."""
    wanted = mappings(properties)
    try:
        await client.indices.put_mapping(
            index=alias,
            dynamic=wanted["dynamic"],
            meta=wanted["_meta"],
            properties=wanted["properties"],
        )
    except BadRequestError as error:
        raise ConfigurationError(
            f"the indices of {alias} cannot take the mappings of schema {SCHEMA_VERSION};"
            " name other aliases in the settings, and replay the topics into them"
        ) from error
