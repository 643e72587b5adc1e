"""Requests as Elasticsearch query bodies: pure.

Only queries of the core server are used, and only such as cannot be made to fail by what is typed:
``simple_query_string`` never raises on syntax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.index import fields
from pipeline.search.cursor import sort_values
from pipeline.search.filters import Query, article_filters, statement_filters
from pipeline.search.request import Order, SearchRequest

Body = dict[str, Any]
Ties = tuple[tuple[str, str, type], ...]

_TIME: Ties = ((fields.TIMESTAMP, "desc", int),)
_BY: Mapping[Order, Ties] = {
    "relevance": (("_score", "desc", float), *_TIME),
    "newest": _TIME,
    "oldest": ((fields.TIMESTAMP, "asc", int),),
}
ARTICLE_TIES: Ties = ((fields.ARTICLE_ID, "asc", str),)
"""What decides between hits that are equal so far: field, direction and the kind of its values."""
STATEMENT_TIES: Ties = (*ARTICLE_TIES, (fields.ORDINAL, "asc", int))

COUNTED = 10_000
"""Hits are counted so far: to count all of a million takes longer than to find the best."""

_IN_ARTICLES = {fields.TITLE: 3, fields.TEXT: 1, fields.SUMMARY: 1}
_IN_STATEMENTS = {fields.CONTENT: 2, fields.TITLE: 1}

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
    """Articles that hold the text, mention the entity, quote the speaker.

    Raises InvalidSearch for a cursor that is none of this search.
    """
    snippet = {"fragment_size": SNIPPET_CHARS, "no_match_size": SNIPPET_CHARS}
    return _body(request, articles_query(request), ARTICLE_TIES) | {
        **(_ONE_OF_A_STORY if request.stories else {}),
        "_source": ARTICLE_HIT,
        "highlight": _highlight(request, _IN_ARTICLES, fields.TEXT, snippet),
    }


def statements_body(request: SearchRequest) -> Body:
    """Statements that hold the text; ``entity`` is whom they are about or addressed to.

    Raises InvalidSearch for a cursor that is none of this search.
    """
    return _body(request, statements_query(request), STATEMENT_TIES) | {
        "highlight": _highlight(request, _IN_STATEMENTS, fields.CONTENT, {}),
    }


def articles_query(request: SearchRequest) -> Query:
    """Which articles are found, and how well they match."""
    return _query(request, _IN_ARTICLES, article_filters(request))


def statements_query(request: SearchRequest) -> Query:
    """Which statements are found, and how well they match."""
    return _query(request, _IN_STATEMENTS, statement_filters(request))


def _query(request: SearchRequest, weighted: Mapping[str, int], filters: Sequence[Query]) -> Query:
    scored = _scored(request.text, weighted) if request.text.strip() else {}
    return {"bool": {**scored, "filter": list(filters)}}


def _body(request: SearchRequest, query: Query, ties: Ties) -> Body:
    keys = _BY[request.ordered_by] + ties
    kinds = [kind for _, _, kind in keys]
    after = {"search_after": sort_values(request.after, kinds)} if request.after else {}
    return {
        "query": query,
        "sort": [{field: direction} for field, direction, _ in keys],
        "size": request.limit,
        "track_scores": True,
        "track_total_hits": COUNTED,
        **after,
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
