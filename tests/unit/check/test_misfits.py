"""What is deleted of articles that do not fit: never what could not be had again."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.check.misfits import deletions
from pipeline.index import fields
from pipeline.index.bulk_outcome import Seen
from pipeline.settings import load

INDEX = load().index
A, B = "a" * 32, "b" * 32


def article(article_id: str, revision: int, month: str = "2026.05") -> dict[str, Any]:
    return _hit(f"{INDEX.articles}-{month}", article_id, revision)


def statement(article_id: str, ordinal: int, revision: int, month: str = "2026.05") -> Any:
    index = f"{INDEX.statements}-{month}"
    return _hit(index, f"{article_id}-{ordinal}", revision)


def _hit(index: str, document: str, revision: int) -> dict[str, Any]:
    found = {fields.REVISION: [revision]}
    return {
        "_index": index,
        "_id": document,
        "_seq_no": 7,
        "_primary_term": 1,
        "_version": revision,
        "fields": found,
    }


def deleted(articles: list[Any], statements: list[Any], newest: dict[str, int]) -> list[str]:
    return [each.id for each in deletions(INDEX, articles, statements, newest)]


def test_an_article_that_a_topic_still_holds_goes_whole_to_come_anew() -> None:
    statements = [statement(A, 1, 2), statement(A, 2, 1)]
    assert deleted([article(A, 2)], statements, {A: 2}) == [A, f"{A}-1", f"{A}-2"]


@pytest.mark.parametrize("newest", [{}, {A: 1}, {B: 5}])
def test_of_an_article_that_no_topic_holds_only_what_is_not_its_own_goes(
    newest: dict[str, int],
) -> None:
    own, older, elsewhere = statement(A, 1, 2), statement(A, 2, 1), statement(A, 3, 2, "2026.04")
    found = deleted([article(A, 2)], [own, older, elsewhere], newest)
    assert found == [f"{A}-2", f"{A}-3"]


def test_statements_without_any_article_go() -> None:
    assert deleted([], [statement(B, 1, 7)], {}) == [f"{B}-1"]


def test_what_is_written_meanwhile_stays() -> None:
    operations = deletions(INDEX, [article(A, 2)], [statement(A, 1, 2)], {A: 3})
    assert [(each.over, each.version) for each in operations] == [(Seen(7, 1), None), (None, 2)]
