"""What a search is asked, and the alerts that its answers make."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.match import (
    Batch,
    NoAnswer,
    Refusal,
    alert_id,
    alerts_of,
    cut,
    hits_of,
    question,
    recent,
)
from pipeline.index import fields
from pipeline.records import Alert, decode, encode
from pipeline.search.queries import articles_body, statements_body
from pipeline.search.request import SearchRequest
from tests.fakes.alerts import a_notice, a_search, a_statements_hit, an_article_hit
from tests.fakes.records import NOW

WEEK = timedelta(days=7)
ARTICLES = {"about": "articles", "query": {"text": "bridge", "source": "The Courier"}}


def batch(*numbers: int) -> Batch:
    return recent([a_notice(number) for number in numbers], WEEK)


def test_the_newest_revision_of_each_recent_article_is_asked_about() -> None:
    old = a_notice(3, first_seen_at=NOW - WEEK - timedelta(seconds=1))
    found = recent([a_notice(1, revision=2), a_notice(1), a_notice(2), old], WEEK)
    assert found.ids == [f"{1:032x}", f"{2:032x}"]
    assert found.notices[f"{1:032x}"].revision == 2


def test_a_backlog_forgets_nothing_that_was_recent_when_it_was_indexed() -> None:
    waited = a_notice(first_seen_at=NOW - timedelta(days=20), indexed_at=NOW - timedelta(days=19))
    assert recent([waited], WEEK).ids


def test_times_of_a_search_count_from_when_the_batch_was_indexed() -> None:
    search = a_search(query={"text": "bridge", "since": "1d"})
    notices = [a_notice(1), a_notice(2, indexed_at=NOW - timedelta(hours=6))]
    body = question(search, recent(notices, WEEK))
    (since,) = [each for each in body["query"]["bool"]["filter"] if "range" in each]
    assert since["range"][fields.TIMESTAMP]["gte"] == "2026-02-28T06:00:00.000+00:00"


def test_a_search_is_asked_exactly_as_it_is_searched_and_among_the_batch_alone() -> None:
    cases = (
        (a_search(**ARTICLES), articles_body(SearchRequest(text="bridge", source="The Courier"))),
        (a_search(), statements_body(SearchRequest(speaker="Ada Lind"))),
    )
    for search, searched in cases:
        asked = question(search, batch(1, 2))
        *filters, ids = asked["query"]["bool"].pop("filter")
        assert filters == searched["query"]["bool"].pop("filter")
        assert asked["query"] == searched["query"]
        assert ids == {"terms": {fields.ARTICLE_ID: [f"{1:032x}", f"{2:032x}"]}}
        assert asked["size"] == 2


def test_an_article_that_is_found_is_one_alert() -> None:
    hit = an_article_hit() | {"highlight": {fields.TEXT: ["the \x02bridge\x03\nwill"]}}
    (alert,) = alerts_of(a_search(**ARTICLES), [hit], batch(1))
    assert alert.snippet == "the bridge will"
    assert (alert.article_id, alert.about, alert.statements) == (f"{1:032x}", "articles", ())
    assert decode(encode(alert), Alert) == alert


def test_statements_of_an_article_are_one_alert_with_the_first_of_them() -> None:
    (alert,) = alerts_of(a_search(), [a_statements_hit(count=7)], batch(1))
    assert [each.id for each in alert.statements] == ["s1", "s2", "s3", "s4", "s5"]
    assert alert.statement_count == 7
    assert decode(encode(alert), Alert) == alert


def test_a_correction_has_the_alert_of_what_it_corrects() -> None:
    corrected = recent([a_notice(revision=9)], WEEK)
    (first,) = alerts_of(a_search(), [a_statements_hit()], batch(1))
    (second,) = alerts_of(a_search(), [a_statements_hit(count=2)], corrected)
    assert (first.id, first.revision) == (second.id, 1)
    assert second.revision == 9


def test_each_story_is_one_alert_where_it_is_asked_for_once() -> None:
    hits = [an_article_hit(number, **{fields.STORY: "5" * 32}) for number in (1, 2)]
    once = a_search(about="articles", query={"text": "bridge", "stories": "true"})
    (alert,) = alerts_of(once, hits, batch(1, 2))
    assert (alert.id, alert.article_id) == (alert_id("lind", "5" * 32), f"{1:032x}")
    assert len(alerts_of(a_search(**ARTICLES), hits, batch(1, 2))) == 2


ids = st.text("abc-", min_size=1, max_size=4)


@given(ids, ids, ids, ids)
def test_an_alert_s_id_is_that_of_its_search_and_its_article(
    search: str, article: str, other_search: str, other_article: str
) -> None:
    same = (search, article) == (other_search, other_article)
    assert (alert_id(search, article) == alert_id(other_search, other_article)) is same


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"status": 503, "error": {}},
        {"status": 429, "error": {}},
        {"status": 403, "error": {}},
        {"status": 500, "error": None},
        {"timed_out": True, "hits": {"hits": []}, "_shards": {"failed": 0}},
        {"timed_out": False, "hits": {"hits": []}, "_shards": {"failed": 1}},
    ],
)
def test_a_part_of_an_answer_is_none(answer: dict[str, object]) -> None:
    assert isinstance(hits_of(answer), NoAnswer)


def test_a_search_that_elasticsearch_refuses_says_why_on_one_line() -> None:
    cause = {"type": "too_many_nested_clauses", "reason": "Query contains\ntoo many"}
    error = {"type": "search_phase_execution_exception", "root_cause": [cause]}
    why = "Elasticsearch refuses it: HTTP 400 too_many_nested_clauses: Query contains too many"
    assert hits_of({"status": 400, "error": error}) == Refusal(why)


@pytest.mark.parametrize("error", [{}, None, "no", {"root_cause": []}, {"root_cause": ["no"]}])
def test_a_refusal_that_says_nothing_is_one_too(error: object) -> None:
    assert isinstance(hits_of({"status": 400, "error": error}), Refusal)


@given(st.text(max_size=30))
def test_a_cut_text_is_no_longer_than_it_may_be(text: str) -> None:
    assert len(cut(text, 10)) <= 10
    assert cut(text, 30) == text
