"""The golden cases keep the rules of tests/golden/README.md: a failing case is no slip."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/expected.json"))
ENTITY_TYPES = {"PERSON", "ORG", "GPE", "LOC", "FAC"}
STATEMENT_TYPES = {"direct", "indirect", "mixed"}

pytestmark = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def article(case: Path) -> str:
    return (case / "article.txt").read_text(encoding="utf-8")


def expected(case: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    return document


def annotated(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (statement[key] for key in ("speaker", "cue", "content") if statement[key])


def test_every_span_covers_the_string_beside_it(case: Path) -> None:
    text = article(case)
    for statement in expected(case)["statements"]:
        for item in annotated(statement):
            start, end = item["span"]
            assert text[start:end] == item["text"], statement["id"]


def test_parts_reach_over_their_content_in_order(case: Path) -> None:
    for statement in expected(case)["statements"]:
        start, end = statement["content"]["span"]
        parts = statement["content"].get("parts", [[start, end]])
        assert (parts[0][0], parts[-1][1]) == (start, end), statement["id"]
        assert all(left[1] < right[0] for left, right in itertools.pairwise(parts))


def test_cue_and_speaker_stand_outside_what_is_said(case: Path) -> None:
    for statement in expected(case)["statements"]:
        start, end = statement["content"]["span"]
        for left, right in statement["content"].get("parts", [[start, end]]):
            for item in (statement["speaker"], statement["cue"]):
                apart = item is None or item["span"][1] <= left or right <= item["span"][0]
                assert apart, statement["id"]


def test_every_speaker_is_an_entity_or_stands_in_the_text(case: Path) -> None:
    document, text = expected(case), article(case)
    names = {entity["name"] for entity in document["entities"]}
    for statement in document["statements"]:
        speaker = statement["speaker"]
        if speaker is not None:
            assert speaker["entity"] in names or speaker["entity"] in text, statement["id"]


def test_every_addressee_is_an_entity_or_stands_in_the_text(case: Path) -> None:
    document, text = expected(case), article(case)
    names = {entity["name"] for entity in document["entities"]}
    for statement in document["statements"]:
        addressee = statement["addressee"]
        assert addressee is None or addressee in names or addressee in text, statement["id"]


def test_a_statement_within_another_names_it(case: Path) -> None:
    statements = {statement["id"]: statement for statement in expected(case)["statements"]}
    assert len(statements) == len(expected(case)["statements"])
    for statement in statements.values():
        if statement["reported_by"] is not None:
            outer = statements[statement["reported_by"]]["content"]["span"]
            inner = statement["content"]["span"]
            assert outer[0] <= inner[0] <= inner[1] <= outer[1], statement["id"]
            assert outer != inner, statement["id"]


def test_names_roles_and_aliases_are_words_of_the_text(case: Path) -> None:
    text = article(case)
    for entity in expected(case)["entities"]:
        constructed = entity["name"].endswith(" office") or entity["name"].startswith("cabinet d")
        words = [*entity["roles"], *entity["aliases"], *([] if constructed else [entity["name"]])]
        assert [word for word in words if word not in text] == []


def test_what_must_not_be_found_is_in_the_text_and_not_expected(case: Path) -> None:
    document, text = expected(case), article(case)
    names = {entity["name"] for entity in document["entities"]}
    contents = {statement["content"]["text"] for statement in document["statements"]}
    assert names.isdisjoint(document["never_entity_names"])
    assert contents.isdisjoint(document.get("never_statement_contents", []))
    for words in (*document["never_entity_names"], *document.get("never_statement_contents", [])):
        assert words in text


def test_types_are_known_and_entity_names_differ(case: Path) -> None:
    document = expected(case)
    names = [entity["name"] for entity in document["entities"]]
    assert len(set(names)) == len(names)
    assert {entity["type"] for entity in document["entities"]} <= ENTITY_TYPES
    assert {statement["type"] for statement in document["statements"]} <= STATEMENT_TYPES


def test_a_quotation_mark_tells_spoken_words_from_reported_ones(case: Path) -> None:
    """Except around titles and doubtful words, which are listed as what must not be found."""
    document = expected(case)
    for statement in document["statements"]:
        words = statement["content"]["text"]
        for title in document.get("never_statement_contents", []):
            words = words.replace(title, "")
        marked = any(mark in words for mark in '“"‘«')
        assert marked == (statement["type"] != "indirect"), statement["id"]
