"""Mappings, settings, templates: how Elasticsearch stores what :mod:`documents` writes. Pure.

Strict: a field that is not mapped here is refused. :mod:`provision` makes the indices. Everything
used here is in the core server: no ILM policy, no ingest pipeline, no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.index import fields
from pipeline.index.revisions import KEPT
from pipeline.metrics import LABELS
from pipeline.settings import IndexSettings

SCHEMA_VERSION = 8
"""Raised with each change of the mappings. Fields may be added; a changed one needs new indices."""

GC_DELETES = "1h"
"""How long Elasticsearch remembers the version of a deleted statement, a minute by default: a
worker that was cut off for less may not bring one back."""

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
    fields.ORIGIN: KEYWORD,
    fields.TITLE: ENGLISH,
    fields.URL: KEYWORD,
    fields.URL_DOMAIN: KEYWORD,
    fields.SOURCE: NAME,
    fields.SOURCE_DOMAIN: KEYWORD,
    fields.SOURCE_COUNTRY: KEYWORD,
    fields.TOLD_BY: KEYWORD,
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
    fields.LATEST_REVISION: LONG,
    fields.TOLD_REVISION: LONG,
    fields.SEEN_IN: KEYWORD,
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

HOMES: Mappings = {fields.MONTH: {"type": "keyword"}}

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


def mappings(properties: Mappings, **meta: Any) -> dict[str, Any]:
    """The mappings of an index with these fields and no others. ``_meta`` says that it is ours."""
    return {
        "dynamic": "strict",
        "_meta": {"schema_version": SCHEMA_VERSION} | meta,
        "properties": dict(properties),
    }


def common_settings(settings: IndexSettings) -> dict[str, Any]:
    """What an operator may set for every index."""
    return {
        "number_of_shards": settings.shards,
        "number_of_replicas": settings.replicas,
        "refresh_interval": settings.refresh_interval,
        "gc_deletes": GC_DELETES,
    }


class Kind(NamedTuple):
    """Indices of one kind: the alias they are read through, and what their documents carry."""

    alias: str
    properties: Mappings


def kinds(settings: IndexSettings) -> tuple[Kind, ...]:
    """All that is written."""
    return tuple(map(Kind, settings.aliases, (ARTICLES, STATEMENTS, REVISIONS, HEALTH, HOMES)))


def index_body(kind: Kind, settings: IndexSettings, **meta: Any) -> dict[str, Any]:
    """A new index, with mappings and settings; ``meta`` is said of it in its mappings."""
    return {
        "settings": common_settings(settings) | {"analysis": ANALYSIS},
        "mappings": mappings(kind.properties, **meta),
    }


def component_templates(kind: Kind, settings: IndexSettings) -> dict[str, dict[str, Any]]:
    """By name."""
    return {
        f"{kind.alias}-settings": {"settings": common_settings(settings)},
        # The analysis goes with the mappings: Elasticsearch checks each component by itself.
        f"{kind.alias}-mappings": {
            "mappings": mappings(kind.properties),
            "settings": {"analysis": ANALYSIS},
        },
    }


def index_template(kind: Kind) -> dict[str, Any]:
    """For an index that somebody else makes: the pipeline makes its own, and asks for no template.

    None comes to be by itself while the template is there.
    """
    return {
        "index_patterns": [f"{kind.alias}-*"],
        "composed_of": [f"{kind.alias}-settings", f"{kind.alias}-mappings"],
        "template": {"aliases": {kind.alias: {}}},
        # The longer name wins, so that news-articles-* may stand beside news-articles-test-*.
        "priority": 500 + len(kind.alias),
        "version": SCHEMA_VERSION,
        "meta": {"schema_version": SCHEMA_VERSION},
        "allow_auto_create": False,
    }
