"""Requests become bodies; which fields they use is checked against the mappings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.index import fields, templates
from pipeline.search.queries import articles_body, statements_body
from pipeline.search.request import SearchRequest

FULL = SearchRequest(
    text="ferry",
    speaker="Lind",
    entity="Brenn",
    source="The Courier",
    since=datetime(2026, 3, 1, tzinfo=UTC),
    until=datetime(2026, 3, 2, tzinfo=UTC),
    type="direct",
    limit=7,
)
Body = Callable[[SearchRequest], dict[str, Any]]


def used_fields(query: Any) -> Iterator[str]:
    """Every field that a query names."""
    if isinstance(query, list):
        for part in query:
            yield from used_fields(part)
    elif isinstance(query, dict):
        for name, part in query.items():
            if name in {"match_phrase", "term", "range"}:
                yield from part
            elif name == "fields":
                yield from (re.sub(r"\^\d+$", "", field) for field in part)
            else:
                yield from used_fields(part)


def mapped(properties: templates.Mappings) -> set[str]:
    subfields = {
        f"{name}.{sub}" for name, mapping in properties.items() for sub in mapping.get("fields", {})
    }
    return subfields | properties.keys()


@pytest.mark.parametrize(
    ("body", "properties"),
    [(articles_body, templates.ARTICLES), (statements_body, templates.STATEMENTS)],
)
def test_only_mapped_fields_are_searched_sorted_and_highlighted(
    body: Body, properties: templates.Mappings
) -> None:
    made = body(FULL)
    sorted_by = {name for order in made["sort"] for name in order} - {"_score"}
    used = {*used_fields(made["query"]), *sorted_by, *made["highlight"]["fields"]}
    assert used <= mapped(properties)


@pytest.mark.parametrize("body", [articles_body, statements_body])
def test_words_are_ranked_and_everything_else_only_filters(body: Body) -> None:
    query = body(FULL)["query"]["bool"]
    assert "simple_query_string" in query["must"][0]
    assert "simple_query_string" in query["should"][0]
    assert not {"must", "should"} & body(SearchRequest(speaker="Lind"))["query"]["bool"].keys()


@pytest.mark.parametrize("body", [articles_body, statements_body])
def test_without_words_the_newest_come_first(body: Body) -> None:
    assert body(SearchRequest(text="  "))["sort"][0] == {fields.TIMESTAMP: "desc"}
    assert body(SearchRequest(text="ferry"))["sort"][0] == {"_score": "desc"}


@pytest.mark.parametrize("body", [articles_body, statements_body])
def test_the_times_are_from_since_on_and_before_until(body: Body) -> None:
    assert {
        "range": {
            fields.TIMESTAMP: {
                "gte": "2026-03-01T00:00:00.000+00:00",
                "lt": "2026-03-02T00:00:00.000+00:00",
            }
        }
    } in body(FULL)["query"]["bool"]["filter"]


def test_statements_of_an_article_stand_in_text_order() -> None:
    assert statements_body(FULL)["sort"][-1] == {fields.ORDINAL: "asc"}


def test_the_limit_is_passed_on() -> None:
    assert articles_body(FULL)["size"] == 7


def test_each_story_is_found_once_only_where_asked_to() -> None:
    body = articles_body(SearchRequest(text="bridge", stories=True))
    assert body["collapse"]["field"] == fields.STORY
    assert "collapse" not in articles_body(SearchRequest(text="bridge"))
