"""A search in words is the request it says, or refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.asked import request_of, words_of
from pipeline.search.request import InvalidSearch, SearchRequest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_what_is_asked_for_is_the_request() -> None:
    asked = {"text": "ferry", "since": "7d", "limit": "5", "asserted": "true", "type": "direct"}
    assert request_of(asked, NOW) == SearchRequest(
        text="ferry", since=NOW - timedelta(days=7), limit=5, asserted=True, type="direct"
    )


def test_what_is_left_empty_is_not_asked_for() -> None:
    assert request_of({"speaker": " ", "until": ""}, NOW) == SearchRequest()


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"colour": "red"}, "no colour to search by"),
        ({"type": "shouted"}, "type: invalid enum value 'shouted'"),
        ({"limit": "many"}, "limit: expected `int`"),
        ({"limit": "0"}, "limit is not between"),
        ({"since": "soon"}, "since is not a time"),
        ({"after": "x", "stories": "true"}, "stories cannot be paged"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(asked: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        request_of(asked, NOW)


@given(st.dictionaries(st.sampled_from(SearchRequest.__struct_fields__), st.text()))
def test_anything_that_is_typed_is_a_request_or_refused(asked: dict[str, str]) -> None:
    try:
        request_of(asked, NOW)
    except ValueError as error:
        assert str(error)  # noqa: PT017 (both ends are right)


def test_a_saved_search_keeps_no_page() -> None:
    assert words_of({"text": "ferry", "after": "x", "limit": "5", "speaker": ""}) == {
        "text": "ferry"
    }


@pytest.mark.parametrize(
    "name", ["text", "speaker", "since", "type", "limit", "after", "cell", "\udc80"]
)
def test_letters_of_another_encoding_are_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidSearch) as refusal:
        request_of({name: "M\udcfcller"}, NOW)
    str(refusal.value).encode()
