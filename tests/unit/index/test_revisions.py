"""Which versions are kept, and as what."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.index import fields, templates
from pipeline.index.documents import documents
from pipeline.index.plan import Candidate, Stored, Write, decide
from pipeline.index.revisions import KEPT_OF_STATEMENTS, keeping, superseded
from pipeline.index.stories import Story
from pipeline.records import EnrichedArticle, Source
from tests.fakes.debates import a_debate
from tests.fakes.indexed import facts_of, only, stored
from tests.fakes.records import NOW, enriched_articles

STORY = Story(id="0" * 32, copy_of="1" * 32)


def version(title: str, revision: int) -> EnrichedArticle:
    return a_debate(title=title, revision=revision)


def to_be_kept(candidate: Candidate, indexed: Stored | None) -> tuple[int | None, ...]:
    written = isinstance(decide(candidate, indexed, "2026.02"), Write)
    return superseded(candidate, indexed, written=written)


def kept(enriched: EnrichedArticle) -> dict[str, Any]:
    made = documents(enriched, STORY, facts_of(enriched), first_seen_at=NOW, ingested_at=NOW)
    article, *statements = map(json.loads, (made.article, *made.statements))
    document: dict[str, Any] = json.loads(keeping("i", article, statements).document or b"")
    return document


def test_a_first_version_supersedes_nothing() -> None:
    assert to_be_kept(only(version("A", 1)), None) == ()


def test_the_indexed_version_is_superseded_by_another_text() -> None:
    assert to_be_kept(only(version("B", 2)), stored(version("A", 1))) == (None,)


def test_the_indexed_version_is_not_superseded_by_its_own_text() -> None:
    assert to_be_kept(only(version("A", 2)), stored(version("A", 1))) == ()


def test_what_came_late_is_superseded_by_the_indexed_version() -> None:
    assert to_be_kept(only(version("A", 1)), stored(version("B", 2))) == (0,)


def test_of_versions_with_one_text_the_first_is_kept() -> None:
    batch = [version("B", 3), version("A", 2), version("C", 4)]
    assert to_be_kept(only(*batch), stored(version("A", 1))) == (None, 0)


def test_a_text_that_was_taken_back_is_kept_both_times() -> None:
    batch = [version("B", 2), version("A", 3), version("C", 4)]
    assert to_be_kept(only(*batch), stored(version("A", 1))) == (None, 0, 1)


def test_the_indexed_version_wins_over_a_repetition_of_it() -> None:
    batch = [version("A", 1), version("B", 2)]
    assert to_be_kept(only(*batch), stored(version("A", 1))) == (None,)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 6)), min_size=1, max_size=6))
def test_what_is_kept_and_the_newest_are_texts_that_differ_in_order(
    given: list[tuple[str, int]],
) -> None:
    candidate = only(*(version(title, revision) for title, revision in given))
    places = [place for place in to_be_kept(candidate, None) if place is not None]
    articles = [candidate.copies[place].article for place in places] + [candidate.newest.article]
    for older, newer in pairwise(articles):
        assert older.revision < newer.revision
        assert older.title != newer.title


def test_a_revision_is_written_only_where_it_is_not_there_yet() -> None:
    article = {fields.ARTICLE_ID: "a", fields.REVISION: 7}
    operation = keeping("news-revisions-2026.03", article, [])
    assert json.loads(operation.lines()[0]) == {
        "create": {"_index": "news-revisions-2026.03-Write", "_id": "a@7"}
    }


def test_statements_that_were_written_since_are_left_out() -> None:
    article = {fields.ARTICLE_ID: "a", fields.REVISION: 1}
    statements = [
        {fields.CONTENT: content, fields.REVISION: revision}
        for content, revision in (("old", 1), ("new", 2))
    ]
    document = json.loads(keeping("i", article, statements).document or b"")
    assert document[fields.QUOTED] == [{fields.CONTENT: "old"}]


def test_every_mapped_field_of_a_revision_is_written() -> None:
    debate = a_debate(
        authors=("A. Writer",),
        published_at=NOW,
        feed_id="feed",
        origin="own",
        source=Source(name="The Courier", domain="courier.example", country="CH"),
    )
    document = kept(debate)
    assert document.keys() == templates.REVISIONS.keys()
    assert set(document[fields.QUOTED][0]) <= set(KEPT_OF_STATEMENTS)


@given(enriched_articles())
def test_no_record_leads_to_a_field_that_is_not_mapped(enriched: EnrichedArticle) -> None:
    assert kept(enriched).keys() <= templates.REVISIONS.keys()
