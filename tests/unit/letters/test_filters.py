"""What is asked for of dead letters, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.letters.filters import FILTERS, LetterFilter, filter_of
from pipeline.records import Reason, Stage
from tests.fakes.records import NOW


def test_the_table_names_all_that_a_filter_has() -> None:
    assert tuple(FILTERS) == LetterFilter.__struct_fields__


def test_words_make_a_filter_and_empty_ones_none() -> None:
    words = {"stage": "index", "reason": "schema", "since": "24h", "source": "", "topic": None}
    assert filter_of(words, NOW) == LetterFilter(
        stage=Stage.INDEX, reason=Reason.SCHEMA, since=NOW - timedelta(hours=24)
    )
    assert filter_of({}, NOW).is_everything


@pytest.mark.parametrize(
    ("name", "value"), [("stage", "kitchen"), ("reason", "bad"), ("since", "soon"), ("until", "-")]
)
def test_what_cannot_be_meant_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        filter_of({name: value}, NOW)
