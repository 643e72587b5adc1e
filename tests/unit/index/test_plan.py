"""What a batch has to write follows from the batch and from what is indexed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.index.plan import (
    Confirm,
    Superseded,
    Unchanged,
    Write,
    candidates,
    decide,
)
from pipeline.records import Model
from tests.fakes.debates import a_debate, debate_at
from tests.fakes.indexed import SEEN, facts_of, only, stored
from tests.fakes.records import MODEL, NOW

HOME = "2026.02"
OTHER_MODEL = Model(name="test", version="2")


def test_the_same_text_again_by_a_later_revision_is_noted() -> None:
    first, again = a_debate(), a_debate(revision=3)
    assert decide(only(again), stored(first), HOME) == Confirm(
        month=HOME, over=SEEN, redelivered=False, facts=facts_of(again)
    )
    noted = replace(stored(first), facts=facts_of(again))
    assert decide(only(again), noted, HOME) == Unchanged()
    assert decide(only(first, again), noted, HOME) == Unchanged(redelivered=True)


def test_what_was_fetched_before_the_same_text_came_again_is_superseded() -> None:
    between = a_debate(title="Something else", revision=2)
    noted = stored(a_debate(), facts={"latest_revision": 3})
    assert isinstance(decide(only(between), noted, HOME), Superseded)


def test_a_new_article_goes_into_its_home_and_only_where_nothing_is() -> None:
    new = a_debate()
    assert decide(only(new), None, HOME) == Write(
        month=HOME,
        over=None,
        first_seen_at=NOW,
        older_statements=2,
        version=1,
        facts=facts_of(new),
    )


def test_a_newer_revision_goes_where_the_older_one_lives_and_keeps_its_first_seen_at() -> None:
    old, new = a_debate(statements=3), a_debate(statements=1, revision=2)
    assert decide(only(new), stored(old), HOME) == Write(
        month=HOME,
        over=SEEN,
        first_seen_at=NOW - timedelta(days=9),
        older_statements=3,
        version=2,
        facts=facts_of(new),
    )


@pytest.mark.parametrize("revision", [1, 2])
def test_the_same_content_from_the_same_model_is_unchanged(revision: int) -> None:
    decision = decide(only(a_debate(revision=revision)), stored(a_debate(revision=2)), HOME)
    assert decision == Unchanged(redelivered=revision == 2)


def test_what_a_killed_worker_wrote_is_known_beside_a_newer_copy_of_the_same() -> None:
    batch = a_debate(revision=1), a_debate(revision=5)
    for revision, redelivered in ((1, True), (2, False)):
        decision = decide(only(*batch), stored(a_debate(revision=revision)), HOME)
        facts = facts_of(a_debate(revision=5))
        assert decision == Confirm(month=HOME, over=SEEN, redelivered=redelivered, facts=facts)


def test_the_same_revision_from_another_model_is_written_again() -> None:
    again = a_debate(model=OTHER_MODEL)
    assert isinstance(decide(only(again), stored(a_debate()), HOME), Write)


def test_an_older_revision_is_superseded_and_names_what_it_may_have_left() -> None:
    old, new = a_debate(statements=5), a_debate(statements=2, revision=2)
    assert decide(only(old), stored(new), HOME) == Superseded(
        month=HOME, over=SEEN, newer_statements=2, older_statements=5
    )


def test_the_newest_revision_of_a_batch_counts_wherever_it_stands() -> None:
    batch = [a_debate(revision=2), a_debate(revision=3), a_debate(revision=1)]
    assert only(*batch).position == 1


def test_of_the_same_revision_twice_the_later_counts() -> None:
    assert only(a_debate(), a_debate()).position == 1


def test_the_earliest_first_seen_at_of_all_copies_counts() -> None:
    early = NOW - timedelta(days=3)
    copies = only(debate_at(early, revision=1), debate_at(NOW, revision=2))
    assert copies.first_seen_at == early


def test_statements_of_a_copy_that_is_passed_over_bound_what_may_be_left() -> None:
    decision = decide(
        only(a_debate(statements=4, revision=2), a_debate(statements=1, revision=3)),
        stored(a_debate(statements=2)),
        HOME,
    )
    assert isinstance(decision, Write)
    assert decision.older_statements == 4


def test_back_to_the_indexed_content_is_no_repetition_when_another_came_between() -> None:
    # A worker killed while it wrote revision 2 has replaced statements of revision 1. Redelivered
    # together with revision 3, which says what revision 1 said, they have to be put right.
    indexed = a_debate(statements=1, revision=1)
    between, back = a_debate(statements=3, revision=2), a_debate(statements=1, revision=3)
    decision = decide(only(between, back), stored(indexed), HOME)
    assert isinstance(decision, Write)
    assert decision.older_statements == 3


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=12))
def test_each_article_of_a_batch_has_one_candidate_and_it_is_the_newest(
    versions: list[tuple[int, int]],
) -> None:
    batch = [a_debate(url=f"https://x.example/{n}", revision=r) for n, r in versions]
    chosen = candidates(enumerate(batch))
    assert chosen.keys() == {each.article.id for each in batch}
    for candidate in chosen.values():
        revisions = [copy.article.revision for copy in candidate.copies]
        assert batch[candidate.position].article.revision == max(revisions)


def test_models_are_compared_by_name_and_version() -> None:
    assert isinstance(
        decide(only(a_debate()), stored(a_debate(), model=Model(name="x", version="1")), HOME),
        Write,
    )
    assert isinstance(decide(only(a_debate()), stored(a_debate(), model=MODEL), HOME), Unchanged)
