"""CSV that a spreadsheet reads as it was meant, and runs nothing of."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.rows import csv_lines


def cells(*values: object) -> list[str]:
    (row,) = csv.reader(io.StringIO(csv_lines([values])))
    return row


def test_values_are_written_as_people_write_them() -> None:
    when = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert cells("a", None, ("b", "c"), when, 1.5, True) == [
        "a", "", "b; c", "2026-03-01T12:00:00+00:00", "1.5", "True",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_a_text_is_no_formula(text: str) -> None:
    assert cells(text) == [f"'{text}"]


def test_a_negative_number_stays_a_number() -> None:
    assert cells(-1.5) == ["-1.5"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0")), min_size=1))
def test_any_text_comes_back(texts: list[str]) -> None:
    assert [cell.removeprefix("'") for cell in cells(*texts)] == [
        text.removeprefix("'") for text in texts
    ]
