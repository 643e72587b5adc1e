"""A cursor says where a page ended, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.cursor import cursor_of, sort_values

values = st.tuples(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1), st.text()
)


@given(values)
def test_a_cursor_gives_back_what_it_was_made_of(made_of: tuple[float, int, str]) -> None:
    assert sort_values(cursor_of(made_of), (float, int, str)) == list(made_of)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        sort_values(text, (float, int, str))


def test_the_cursor_of_another_search_is_refused() -> None:
    with pytest.raises(ValueError, match="another search"):
        sort_values(cursor_of([1, "a"]), (float, int, str))
    with pytest.raises(ValueError, match="another search"):
        sort_values(cursor_of(["a", 1]), (int, str))
