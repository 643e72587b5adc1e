"""Statements and people against hand-labelled news, with the material's own scorer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from tests.quality.reliability import curve
from tests.running import pipeline


def run(material: Path, script: str, *arguments: str, given: str | None = None) -> str:
    """The output of one of the material's programs."""
    return subprocess.run(
        [sys.executable, str(material / "statements" / script), *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture(scope="module")
def enriched(material: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What `pipeline enrich --jsonl` finds in each set, by the set's name."""
    folder = tmp_path_factory.mktemp("enriched")
    found = {}
    for name in ("ggt_dev", "polnear_dev"):
        texts = (material / "statements" / f"{name}.jsonl").read_text("utf-8")
        done = pipeline(settings.load(), "enrich", "--jsonl", given=texts)
        assert done.returncode == 0, done.stderr
        found[name] = folder / f"{name}.jsonl"
        found[name].write_text(done.stdout, "utf-8")
    return found


@pytest.mark.parametrize("name", ["ggt_dev", "polnear_dev"])
def test_statements_are_found_as_well_as_ever(
    name: str, material: Path, enriched: dict[str, Path], floors: dict[str, Any], tmp_path: Path
) -> None:
    predicted = tmp_path / "predicted.jsonl"
    given = enriched[name].read_text("utf-8")
    # One of the corpora marks beliefs and intentions as well as speech.
    kinds = "speech,thought" if name == "polnear_dev" else "speech"
    predicted.write_text(run(material, "from_pipeline.py", "--kinds", kinds, given=given), "utf-8")
    gold = str(material / "statements" / f"{name}.jsonl")
    scores = json.loads(run(material, "score.py", gold, str(predicted), "--json"))
    below = {
        measure: scores[measure][2]
        for measure, floor in floors["statements"][name].items()
        if 100 * scores[measure][2] < floor
    }
    assert below == {}


def test_people_are_found_as_well_as_ever(
    material: Path, enriched: dict[str, Path], floors: dict[str, Any]
) -> None:
    gold = str(material / "statements" / "ggt_dev.jsonl")
    output = run(material, "score_people.py", gold, str(enriched["ggt_dev"]))
    strict = re.search(r"strict .* F1 +([\d.]+)", output)
    assert strict is not None, output
    assert float(strict[1]) >= floors["people"]["strict"]


def test_confidence_is_the_share_that_is_right(
    material: Path, enriched: dict[str, Path], floors: dict[str, Any]
) -> None:
    gold = [row for name in enriched for row in rows(material / "statements" / f"{name}.jsonl")]
    found = rows(enriched["polnear_dev"])
    for row in rows(enriched["ggt_dev"]):  # where thoughts are not labelled
        spoken = [each for each in row["statements"] if each["kind"] == "speech"]
        found.append(row | {"statements": spoken})
    off = [
        bin_
        for bin_ in curve(gold, found)
        if bin_.count >= floors["confidence"]["enough"]
        and abs(bin_.right - bin_.confidence) > floors["confidence"]["off_by"]
    ]
    assert off == []


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
