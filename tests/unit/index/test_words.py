"""Whose word an article is: nobody rewrites what another publishes, in whatever order it comes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline import settings
from pipeline.index import Indexer, IndexStatus, fields
from pipeline.index.plan import Confirm, Heal, Superseded, Unchanged, Write, decide
from pipeline.index.words import MAX_FEEDS, led_there, word_of
from pipeline.records import EnrichedArticle, Origin, Reason, Source
from tests.fakes.debates import a_debate
from tests.fakes.elastic_store import FakeElasticsearch
from tests.fakes.indexed import only, stored
from tests.fakes.records import NOW

INDEX = settings.load().index
HOME = "2026.02"
OWN, OTHERS = Source(name="The Courier", domain="courier.example"), Source(name="courier.example")


def version(origin: Origin | None, revision: int, text: int = 1, **changes: Any) -> EnrichedArticle:
    """A version with the text of that number."""
    told = {
        "title": "From the newsroom" if origin == "own" else "As the page has it",
        "source": OWN if origin == "own" else OTHERS,
        "summary": "In short" if origin == "own" else None,
        "feed_id": f"feed-{origin}",
    }
    made = a_debate(statements=text, revision=revision, origin=origin, **(told | changes))
    return replace(made, story_id=f"{text:032}")


def test_a_lower_word_does_not_overwrite_a_higher_one_however_late_it_is() -> None:
    indexed = stored(version("own", 1))
    for origin in ("archive", None):
        assert isinstance(decide(only(version(origin, 9, text=2)), indexed, HOME), Superseded)


def test_a_higher_word_heals_what_a_lower_one_wrote_however_early_it_is() -> None:
    for low, high in ((None, "archive"), ("archive", "page"), ("archive", "own"), (None, "own")):
        decision = decide(only(version(high, 1, text=2)), stored(version(low, 9)), HOME)
        assert isinstance(decision, Write)
        assert decision.facts.word.origin == high
        assert decision.version > 9


def test_the_page_is_the_publishers_whoever_led_to_it() -> None:
    decision = decide(only(version("page", 2, text=2)), stored(version("own", 1)), HOME)
    assert isinstance(decision, Write)
    assert decision.facts.word.source == OWN
    assert decision.facts.word.summary == "In short"


def test_a_page_that_another_feed_led_to_is_no_correction_of_the_same_text() -> None:
    decision = decide(only(version("page", 2)), stored(version("own", 1)), HOME)
    assert isinstance(decision, Confirm)
    assert decision.facts.word.source == OWN
    assert decision.facts.seen_in == ("feed-own", "feed-page")


def test_the_publishers_own_feed_gives_the_same_text_its_title_and_source() -> None:
    for revision in (1, 9):
        decision = decide(only(version("own", revision)), stored(version("page", 5)), HOME)
        assert isinstance(decision, Write)
        assert decision.facts.word.source == OWN
        assert decision.facts.latest_revision == max(revision, 5)


def test_of_one_publisher_the_later_word_counts_in_any_order() -> None:
    first, second = version("own", 1), version("own", 2, text=2, source=OTHERS)
    page = version("page", 3, text=3)
    late = decide(only(second), stored(page, facts={"word": word_of(first.article)}), HOME)
    assert isinstance(late, Heal)
    assert (late.facts.word.source, late.facts.word.revision) == (OTHERS, 2)
    early = decide(only(first), stored(page, facts={"word": word_of(second.article)}), HOME)
    assert isinstance(early, Superseded)


def test_a_later_word_that_says_the_same_writes_nothing_anew() -> None:
    again = decide(only(version("own", 2)), stored(version("own", 1)), HOME)
    assert isinstance(again, Confirm)
    assert again.facts.word.revision == 2


def test_a_late_word_of_the_publisher_is_taken_without_its_old_text() -> None:
    decision = decide(only(version("own", 1)), stored(version("page", 5, text=2)), HOME)
    assert isinstance(decision, Heal)
    assert decision.facts.word.source == OWN


async def test_a_late_word_that_cannot_be_written_is_refused_and_changes_nothing() -> None:
    client = FakeElasticsearch()
    indexer = Indexer(client, INDEX, lambda: None, clock=lambda: NOW + timedelta(hours=1))
    await indexer.index([version("page", 5, text=2)])
    before = client.behind(INDEX.articles) | client.behind(INDEX.statements)
    no_date = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    (outcome,) = await indexer.index([version("own", 1, published_at=no_date)])
    assert (outcome.status, outcome.reason) == (IndexStatus.REFUSED, Reason.SCHEMA)
    assert client.behind(INDEX.articles) | client.behind(INDEX.statements) == before


def test_who_led_there_is_noted_once() -> None:
    indexed = stored(version("own", 2))
    again = decide(only(version("own", 2)), indexed, HOME)
    assert again == Unchanged(redelivered=True)
    other = decide(only(version("own", 1, text=2, feed_id="elsewhere")), indexed, HOME)
    assert isinstance(other, Superseded)
    assert other.facts is not None
    assert other.facts.seen_in == ("elsewhere", "feed-own")


def test_feeds_that_are_named_have_a_bound() -> None:
    many = [f"feed-{number:04}" for number in range(500)]
    assert led_there(many, [None]) == tuple(many[:MAX_FEEDS])
    assert led_there(reversed(many)) == led_there(many)


def test_of_a_batch_the_best_word_counts_and_the_latest_text() -> None:
    candidate = only(version("own", 1), version("page", 2, text=2), version("archive", 3, text=3))
    assert candidate.newest.article.revision == 2
    assert candidate.facts.word.source == OWN
    assert candidate.facts.seen_in == ("feed-archive", "feed-own", "feed-page")


_VERSIONS = st.lists(
    st.tuples(st.sampled_from([None, "archive", "page", "own"]), st.integers(1, 3)),
    min_size=1,
    max_size=6,
)


@given(_VERSIONS, st.randoms(use_true_random=False), st.integers(1, 3))
async def test_in_any_order_the_text_and_the_word_on_it_are_the_same(
    drawn: list[tuple[Origin | None, int]], chance: Any, at_once: int
) -> None:
    versions = [
        version(origin, n, text=text, source=Source(name=f"{origin} {n}"))
        for n, (origin, text) in enumerate(drawn, start=1)
    ]
    in_order = await _indexed(versions, 1)
    shuffled = [*versions, *versions]
    chance.shuffle(shuffled)
    assert await _indexed(shuffled, at_once) == in_order


async def test_in_every_order_and_batch_the_later_of_two_words_of_the_publisher_counts() -> None:
    versions = [
        version(origin, n, text=text, source=Source(name=f"{origin} {n}"))
        for n, (origin, text) in enumerate((("own", 1), ("own", 4), ("page", 4), ("archive", 2)), 1)
    ]
    ends = {
        str(sorted((await _indexed(list(order), at_once)).items()))
        for order in permutations(versions)
        for at_once in (1, 2, 3)
    }
    assert len(ends) == 1
    assert "own 2" in ends.pop()


async def _indexed(versions: list[EnrichedArticle], at_once: int) -> dict[str, Any]:
    client = FakeElasticsearch()
    indexer = Indexer(client, INDEX, lambda: None, clock=lambda: NOW + timedelta(hours=1))
    for start in range(0, len(versions), at_once):
        outcomes = await indexer.index(versions[start : start + at_once])
        assert all(each.status is not IndexStatus.REFUSED for each in outcomes)
    (article,) = client.behind(INDEX.articles).values()
    statements = client.behind(INDEX.statements).values()
    said = (fields.SOURCE, fields.FEED, fields.TOLD_BY)
    assert len(statements) == article[fields.STATEMENT_COUNT]
    for each in statements:
        assert each[fields.REVISION] == article[fields.REVISION]
        assert [each.get(name) for name in said] == [article.get(name) for name in said]
    compared = (fields.TEXT, fields.SOURCE, fields.TOLD_BY, fields.SUMMARY, fields.SEEN_IN)
    return {name: article.get(name) for name in compared}
