"""docs/THREATS.md says what is tried and by which test: each of them is there."""

from __future__ import annotations

import re

import pytest

from tests.attack.threats import THREATS, named_tests

PROJECT = THREATS.parents[1]
TABLES = re.findall(r"^\| attack \|.*\n\|---.*\n((?:\|.*\n?)+)", THREATS.read_text(), re.MULTILINE)
ROWS = [row for table in TABLES for row in table.splitlines()]


@pytest.mark.parametrize("name", named_tests())
def test_a_test_that_is_named_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    text = (PROJECT / path).read_text()
    assert not function or re.search(rf"^(async )?def {function}\(", text, re.MULTILINE)


def test_there_are_many() -> None:
    assert len(named_tests()) > 60


@pytest.mark.parametrize("row", ROWS)
def test_each_attack_names_what_shows_that_it_fails(row: str) -> None:
    attack, defence, shown, _ = (cell.strip() for cell in row.strip("|").split("|"))
    assert attack
    assert defence
    assert named_tests(shown)
