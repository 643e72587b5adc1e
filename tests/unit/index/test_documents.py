"""Documents hold what the record says, under the names of the mapping, or are rejected."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from pipeline.errors import Rejected
from pipeline.index import fields
from pipeline.index.documents import (
    MAX_MENTIONS,
    check_times,
    documents,
    index_name,
    milliseconds,
    statement_document_id,
)
from pipeline.index.stories import Story
from pipeline.index.unseen import without_unseen
from pipeline.records import Annotations, EnrichedArticle, Entity, Location, Mention, Span
from pipeline.records.dead_letter import Reason
from tests.fakes.annotated import golden
from tests.fakes.debates import a_debate
from tests.fakes.indexed import facts_of
from tests.fakes.records import NOW, an_article, an_enriched_article, enriched_articles

STORY = Story(id="0" * 32, bands=("band",))
LATER = NOW + timedelta(hours=1)


def made(enriched: EnrichedArticle) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    both = documents(
        enriched,
        STORY,
        facts_of(enriched),
        first_seen_at=enriched.article.first_seen_at,
        ingested_at=LATER,
    )
    return json.loads(both.article), [json.loads(each) for each in both.statements]


def with_entity(**changes: Any) -> EnrichedArticle:
    enriched = an_enriched_article()
    entity = replace(enriched.annotations.entities[0], **changes)
    return replace(enriched, annotations=replace(enriched.annotations, entities=(entity,)))


def test_a_statement_document_says_who_said_what_to_whom_about_whom_when_and_where() -> None:
    _, statements = made(a_debate(statements=2, published_at=NOW))
    second = statements[1]
    assert second[fields.SPEAKER] == "Zoë Lind"
    assert second[fields.SPEAKER_ROLES] == ["mayor"]
    assert second[fields.SPEAKER_FORMS] == ["Zoë Lind", "the mayor"]
    assert second[fields.CONTENT] == "Brenn can wait"
    assert second[fields.ADDRESSEE] == "Ada Park"
    assert second[fields.ABOUT] == ["Brenn"]
    assert second[fields.PUBLISHED] == "2026-03-01T12:00:00.000+00:00"
    assert second[fields.SOURCE] == "The Courier"
    assert second[fields.ORDINAL] == 2
    assert second[fields.REPORTED_BY] == "s1"
    assert second[fields.REPORTED_BY_SPEAKER] == "Zoë Lind"


def test_who_is_named_between_the_parts_of_a_quote_is_not_spoken_of() -> None:
    enriched = golden("split-quote")
    _, statements = made(enriched)
    split = next(each for each in statements if fields.CONTENT_PART_STARTS in each)
    text = enriched.article.text
    starts, ends = split[fields.CONTENT_PART_STARTS], split[fields.CONTENT_PART_ENDS]
    said = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    assert len(said) > 1
    assert split[fields.SPEAKER] not in split.get(fields.ABOUT, [])


def test_an_article_document_lists_names_by_type_and_who_is_quoted() -> None:
    article, _ = made(a_debate())
    assert article["entities.person"] == ["Zoë Lind", "Ada Park"]
    assert article["entities.gpe"] == ["Brenn"]
    assert article[fields.SPEAKERS] == ["Zoë Lind"]
    assert article[fields.ENTITY_FORMS] == ["Zoë Lind", "the mayor", "Ada Park", "Brenn"]
    assert article[fields.LOCATIONS] == [{"lat": 47.5, "lon": 8.25}]
    assert article[fields.STATEMENT_COUNT] == 2
    assert {mention["text"] for mention in article[fields.MENTIONS]} == {
        "Zoë Lind",
        "Ada Park",
        "Brenn",
    }


def test_an_article_document_says_how_late_it_was_seen_and_indexed() -> None:
    article, statements = made(
        an_enriched_article(
            published_at=NOW - timedelta(minutes=2), fetched_at=NOW + timedelta(minutes=59)
        )
    )
    assert article[fields.SECONDS_TO_SEE] == 120
    assert article[fields.SECONDS_TO_INDEX] == 60
    assert all(fields.SECONDS_TO_SEE not in each for each in statements)


def test_no_latency_is_negative_and_none_is_told_of_a_date_that_is_not_believed() -> None:
    ahead, _ = made(an_enriched_article(published_at=NOW + timedelta(hours=2)))
    assert ahead[fields.SECONDS_TO_SEE] == 0
    absurd, _ = made(an_enriched_article(published_at=NOW + timedelta(days=9)))
    assert fields.SECONDS_TO_SEE not in absurd


def test_a_label_of_another_scheme_goes_with_the_others() -> None:
    article, _ = made(with_entity(type="MISC"))
    assert article[fields.OTHER_ENTITIES] == ["Ada Lind"]


def test_without_a_published_date_the_time_it_was_first_seen_counts() -> None:
    article, _ = made(a_debate(published_at=None))
    assert article[fields.TIMESTAMP] == article[fields.FIRST_SEEN]
    assert fields.PUBLISHED not in article


def test_a_published_date_in_the_future_is_kept_but_not_sorted_by() -> None:
    article, _ = made(a_debate(published_at=NOW + timedelta(days=365)))
    assert article[fields.TIMESTAMP] == article[fields.FIRST_SEEN]
    assert article[fields.PUBLISHED].startswith("2027")


def test_what_is_missing_is_left_out() -> None:
    article, _ = made(an_enriched_article(url=None, canonical_url=None, language=None))
    assert not {fields.URL, fields.URL_DOMAIN, fields.LANGUAGE, fields.SUMMARY} & article.keys()


def test_an_address_that_cannot_be_parsed_has_no_domain() -> None:
    article, _ = made(an_enriched_article(canonical_url="http://[half/"))
    assert article[fields.URL] == "http://[half/"
    assert fields.URL_DOMAIN not in article


def test_false_and_zero_are_written() -> None:
    article, _ = made(a_debate(statements=0))
    assert article[fields.STATEMENT_COUNT] == 0
    assert article[fields.TRUNCATED] is False


@given(enriched_articles())
def test_any_valid_record_becomes_one_document_and_one_for_each_statement(
    enriched: EnrichedArticle,
) -> None:
    article, statements = made(enriched)
    assert article[fields.TEXT] == without_unseen(enriched.article.text)
    assert [each[fields.STATEMENT_ID] for each in statements] == [
        each.id for each in enriched.annotations.statements
    ]


def test_lone_surrogates_are_rejected() -> None:
    with pytest.raises(Rejected) as rejected:
        made(an_enriched_article(title="half \ud83d of an emoji"))
    assert rejected.value.reason is Reason.SCHEMA


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_rejected(number: float) -> None:
    with pytest.raises(Rejected, match="not finite"):
        made(with_entity(location=Location(lat=number, lon=0.0)))


def test_a_published_date_outside_of_the_calendar_is_rejected() -> None:
    before_year_one = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    with pytest.raises(Rejected):
        made(a_debate(published_at=before_year_one))


def test_mentions_over_the_limit_stay_out_of_the_nested_field() -> None:
    text = "a" * (MAX_MENTIONS + 1)
    mentions = tuple(Mention(text="a", span=Span(i, i + 1)) for i in range(MAX_MENTIONS + 1))
    entity = Entity(name="a", type="ORG", mentions=mentions)
    enriched = replace(an_enriched_article(text=text), annotations=Annotations(entities=(entity,)))
    assert len(made(enriched)[0][fields.MENTIONS]) == MAX_MENTIONS


def test_a_time_of_no_sensible_month_is_rejected() -> None:
    with pytest.raises(Rejected, match="first_seen_at") as rejected:
        check_times(an_article(first_seen_at=datetime(1999, 12, 31, tzinfo=UTC)), LATER)
    assert rejected.value.reason is Reason.SCHEMA


AHEAD = LATER + timedelta(minutes=10)
BEYOND = AHEAD + timedelta(seconds=1)


@pytest.mark.parametrize("revision", [milliseconds(BEYOND), 2**53, 2**63 - 1])
def test_a_revision_from_the_future_is_rejected_for_its_clock(revision: int) -> None:
    with pytest.raises(Rejected, match="revision") as rejected:
        check_times(an_article(revision=revision), LATER)
    assert rejected.value.reason is Reason.CLOCK


@pytest.mark.parametrize("name", ["first_seen_at", "fetched_at"])
def test_an_article_from_the_future_is_rejected_for_its_clock(name: str) -> None:
    with pytest.raises(Rejected, match=name) as rejected:
        check_times(an_article(**{name: BEYOND}), LATER)
    assert rejected.value.reason is Reason.CLOCK


def test_a_clock_that_is_some_minutes_ahead_is_not_rejected() -> None:
    times = {"first_seen_at": AHEAD, "fetched_at": AHEAD, "revision": milliseconds(AHEAD)}
    check_times(an_article(**times), LATER)


def test_the_month_is_that_of_utc() -> None:
    west = timezone(timedelta(hours=-5))
    assert index_name("news", datetime(2026, 3, 31, 23, 30, tzinfo=west)) == "news-2026.04"


def test_a_statement_document_is_named_after_article_and_ordinal() -> None:
    assert statement_document_id("abc", 3) == "abc-3"


def test_the_article_and_its_statements_carry_the_story_and_only_the_article_its_bands() -> None:
    article, (statement, _) = made(a_debate(statements=2))
    assert article[fields.STORY] == statement[fields.STORY] == STORY.id
    assert fields.COPY_OF not in article
    assert article[fields.STORY_BANDS] == ["band"]
    assert fields.STORY_BANDS not in statement
