"""Organisations and places against hand-annotated articles."""

from pathlib import Path
from typing import Any

import pytest

from tests.quality import entity_scores
from tests.quality.entity_scores import Score


@pytest.fixture(scope="module")
def scores(material: Path) -> dict[str, Score]:
    annotated = entity_scores.annotated_articles()
    found = entity_scores.enriched(annotated, material / "statements")
    return entity_scores.scores(annotated, found)


def test_organisations_and_places_are_found_as_well_as_ever(
    scores: dict[str, Score], floors: dict[str, Any]
) -> None:
    below = {
        measure: scores[measure].f1
        for measure, floor in floors["entities"].items()
        if 100 * scores[measure].f1 < floor
    }
    assert below == {}


def test_annotations_are_where_the_names_stand(material: Path) -> None:
    texts = {
        row["id"]: row["text"]
        for name in ("ggt_dev", "polnear_dev")
        for row in entity_scores.read(material / "statements" / f"{name}.jsonl")
    }
    elsewhere = [
        (article["id"], texts[article["id"]][slice(*span)])
        for article in entity_scores.annotated_articles()
        for entity in article["entities"]
        for span in entity["spans"]
        if texts[article["id"]][slice(*span)] not in (entity["name"], *entity["aliases"])
    ]
    assert elsewhere == []
