"""Requests as Elasticsearch query bodies: pure.

Only queries of the core server are used, and only such as cannot be made to fail by what is typed:
``simple_query_string`` never raises on syntax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline.index import fields
from pipeline.search.request import SearchRequest

Body = dict[str, Any]
Query = dict[str, Any]

MARK_START, MARK_END = "\x02", "\x03"
"""Around what matched: control characters, which text from the web has no use for."""

HIGHLIGHTED_CHARS = 999_999
"""Elasticsearch answers 400 to highlighting in longer texts, unless told to stop here."""

SNIPPET_CHARS = 200
OPERATORS = "AND|OR|NOT|PHRASE|PRECEDENCE|PREFIX|ESCAPE|WHITESPACE"

ARTICLE_HIT = [
    fields.ARTICLE_ID,
    fields.TITLE,
    fields.URL,
    fields.SOURCE,
    fields.PUBLISHED,
    fields.FIRST_SEEN,
    fields.LANGUAGE,
    fields.STORY,
]

COPIES = "copies"
"""Names what is counted of a story: its articles that match."""


_ONE_OF_A_STORY = {
    "collapse": {
        "field": fields.STORY,
        "inner_hits": {"name": COPIES, "size": 0},
    }
}


def articles_body(request: SearchRequest) -> Body:
    """Articles that hold the text, mention the entity, quote the speaker."""
    weighted = {fields.TITLE: 3, fields.TEXT: 1, fields.SUMMARY: 1}
    filters = _shared_filters(request)
    if request.speaker:
        filters.append(_named(request.speaker, fields.SPEAKERS_FORMS))
    if request.entity:
        filters.append(_named(request.entity, fields.ENTITY_FORMS))
    body = _body(request, weighted, filters, order=[{fields.ARTICLE_ID: "asc"}])
    snippet = {"fragment_size": SNIPPET_CHARS, "no_match_size": SNIPPET_CHARS}
    return body | {
        **(_ONE_OF_A_STORY if request.stories else {}),
        "_source": ARTICLE_HIT,
        "highlight": _highlight(request, weighted, fields.TEXT, snippet),
    }


def statements_body(request: SearchRequest) -> Body:
    """Statements that hold the text; ``entity`` is whom they are about or addressed to."""
    weighted = {fields.CONTENT: 2, fields.TITLE: 1}
    filters = _shared_filters(request)
    if request.speaker:
        filters.append(_named(request.speaker, fields.SPEAKER_FORMS))
    if request.entity:
        filters.append(_named(request.entity, fields.ABOUT_FORMS, fields.ADDRESSEE_FORMS))
    if request.type:
        filters.append({"term": {fields.TYPE: request.type}})
    if request.kind:
        filters.append({"term": {fields.KIND: request.kind}})
    order = [{fields.ARTICLE_ID: "asc"}, {fields.ORDINAL: "asc"}]
    return _body(request, weighted, filters, order=order) | {
        "highlight": _highlight(request, weighted, fields.CONTENT, {})
    }


def _body(
    request: SearchRequest,
    weighted: Mapping[str, int],
    filters: Sequence[Query],
    *,
    order: Sequence[Mapping[str, str]],
) -> Body:
    """Best first where words are asked for, else newest first."""
    has_text = bool(request.text.strip())
    best_first = [{"_score": "desc"}] if has_text else []
    scored = _scored(request.text, weighted) if has_text else {}
    return {
        "query": {"bool": {**scored, "filter": list(filters)}},
        "sort": [*best_first, {fields.TIMESTAMP: "desc"}, *order],
        "size": request.limit,
        "track_scores": True,
        "track_total_hits": False,
    }


def _scored(text: str, weighted: Mapping[str, int]) -> Query:
    """Every word has to be there, by its stem; those who have it as typed come first."""
    as_typed = {fields.exact(field): weight for field, weight in weighted.items()}
    return {"must": [_words(text, weighted)], "should": [_words(text, as_typed)]}


def _words(text: str, weighted: Mapping[str, int]) -> Query:
    return {
        "simple_query_string": {
            "query": text,
            "fields": [f"{field}^{weight}" for field, weight in weighted.items()],
            "quote_field_suffix": ".exact",
            "default_operator": "and",
            "flags": OPERATORS,
        }
    }


def _shared_filters(request: SearchRequest) -> list[Query]:
    filters: list[Query] = []
    if request.source:
        filters.append(_source(request.source))
    if request.since or request.until:
        filters.append({"range": {fields.TIMESTAMP: _between(request.since, request.until)}})
    return filters


def _source(name: str) -> Query:
    return _any(
        {"term": {fields.folded(fields.SOURCE): name}},
        {"term": {fields.SOURCE_DOMAIN: name.lower()}},
    )


def _between(since: datetime | None, until: datetime | None) -> dict[str, str]:
    bounds = {"gte": since, "lt": until}
    return {
        bound: time.astimezone(UTC).isoformat(timespec="milliseconds")
        for bound, time in bounds.items()
        if time is not None
    }


def _named(name: str, *forms: str) -> Query:
    """The words of ``name``, one after the other, in one of the forms of a name."""
    return _any(*({"match_phrase": {field: name}} for field in forms))


def _any(*queries: Query) -> Query:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _highlight(
    request: SearchRequest, weighted: Mapping[str, int], field: str, shape: Mapping[str, int]
) -> dict[str, Any]:
    """Marks what the words matched in ``field``: the whole of it, or one passage of a ``shape``."""
    everywhere = _words(request.text, weighted)
    return {
        "pre_tags": [MARK_START],
        "post_tags": [MARK_END],
        "require_field_match": False,
        "highlight_query": everywhere,
        "max_analyzed_offset": HIGHLIGHTED_CHARS,
        "fields": {field: {"number_of_fragments": 1 if shape else 0, **shape}},
    }
