"""Versions as they followed one another."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.index import fields
from pipeline.search.revisions import versions


def document(title: str, revision: int) -> dict[str, Any]:
    return {
        fields.TITLE: title,
        fields.REVISION: revision,
        fields.CONTENT_SHA256: title,
        fields.FETCHED: "2026-03-01T12:00:00.000+00:00",
    }


def shown(kept: str, current: str | None) -> list[tuple[str, int, bool]]:
    """Titles are letters; their places in ``kept`` are the revisions, the current is the last."""
    documents = [document(title, n) for n, title in enumerate(kept, start=1)]
    last = document(current, len(kept) + 1) if current else None
    found = versions(reversed(documents), last)
    return [(each.title, each.revision, each.current) for each in found]


def test_an_article_that_was_never_corrected_has_one_version() -> None:
    assert shown("", "A") == [("A", 1, True)]


def test_versions_come_in_order_and_the_current_one_last() -> None:
    assert shown("AB", "C") == [("A", 1, False), ("B", 2, False), ("C", 3, True)]


def test_of_one_text_the_first_is_shown_but_the_current_always() -> None:
    assert shown("AABB", "C") == [("A", 1, False), ("B", 3, False), ("C", 5, True)]
    assert shown("AB", "B") == [("A", 1, False), ("B", 3, True)]


def test_a_text_that_came_back_is_shown_both_times() -> None:
    assert [title for title, _, _ in shown("AB", "A")] == ["A", "B", "A"]


def test_what_is_kept_of_the_current_version_is_not_shown_a_second_time() -> None:
    found = versions([document("A", 1), document("B", 2)], document("B", 2))
    assert [(each.title, each.current) for each in found] == [("A", False), ("B", True)]


def test_versions_of_an_article_that_never_was_indexed_are_shown() -> None:
    assert shown("A", None) == [("A", 1, False)]


@given(st.text("AB", max_size=6), st.sampled_from(["A", "B"]))
def test_no_version_is_like_the_one_before(kept: str, current: str) -> None:
    titles = [title for title, _, _ in shown(kept, current)]
    assert all(one != other for one, other in pairwise(titles))
