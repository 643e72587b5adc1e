"""A campaign finds what is wrong, keeps it small, and says what it tried."""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import corpus
from tests.fuzz.campaign import Course, run
from tests.fuzz.mutator import Mutator
from tests.fuzz.report import as_json, table
from tests.fuzz.target import Target, joined, parts, seeds, text_of
from tests.fuzz.trial import Watch, tried


def fragile(data: bytes) -> Hashable:
    """Breaks on a double quote that follows a zero byte, wherever they stand."""
    if b'"' in data.partition(b"\0")[2]:
        raise LookupError("of its own")
    if len(data) > 200:
        raise ValueError(f"over by {len(data)}")
    return data.count(b"\0") > 0, data.count(b'"') > 0


FRAGILE = Target("fragile", fragile, seeds("an input of no account"), (ValueError,))


def endless(data: bytes) -> Hashable:
    try:
        while data:
            pass
    except Exception:
        return None
    return None


def test_a_fault_is_found_made_small_and_kept(tmp_path: Path) -> None:
    (tally,) = run([FRAGILE], seconds=20, seed=1, folder=tmp_path, enough=1)
    (key,) = tally.faults
    assert key.startswith("LookupError at test_campaign.py:fragile")
    kept = corpus.kept("fragile", tmp_path)
    assert kept
    assert kept[0] == b'\0"'
    assert tally.inputs > 1


def test_the_same_seed_makes_the_same_inputs() -> None:
    pool = [b"one", b'{"a": [1, 2]}', b"three 33"]
    first, again = (
        [Mutator(Random(number), (b"tok",), 1_000).mutated(pool) for number in range(300)]
        for _ in range(2)
    )
    assert first == again
    assert len(set(first)) > 200
    assert all(len(data) <= 1_000 for data in first)


def test_a_reader_without_end_is_stopped_and_a_fault() -> None:
    target = Target("endless", endless, seeds(b""))
    with Watch(reference=0.001) as watch:
        trial = tried(target, b"x", watch)
    assert trial.fault is not None
    assert trial.fault.key == "slow"


def test_what_a_target_may_raise_is_no_fault_and_tells_outcomes_apart() -> None:
    with Watch() as watch:
        long, longer = (tried(FRAGILE, b"x" * size, watch) for size in (300, 400))
        short = tried(FRAGILE, b"x", watch)
    assert long.fault is longer.fault is short.fault is None
    assert long.outcome == longer.outcome
    assert long.outcome != short.outcome


def test_inputs_that_lead_elsewhere_are_made_of_again(tmp_path: Path) -> None:
    with Watch() as watch:
        course = Course(FRAGILE, 1, watch, folder=tmp_path)
        course.turn(0.3)
    assert course.tally.outcomes >= 2


def test_an_input_is_made_smaller_while_it_fails() -> None:
    assert corpus.minimised(b"abcXdefYghi", lambda data: b"X" in data and b"Y" in data) == b"XY"


def test_the_report_has_a_row_for_each_target_and_their_sum(tmp_path: Path) -> None:
    tallies = run([FRAGILE], seconds=0.2, seed=1, folder=tmp_path)
    lines = table(tallies).splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["target", "fragile", "all"]
    document = json.loads(as_json(tallies, seed=1))
    assert document["inputs"] == document["targets"][0]["inputs"] == tallies[0].inputs


@pytest.mark.parametrize("data", [b"", b"a\x1eb", b"\xff\xed\xa0\x80"])
def test_any_bytes_are_parts_and_texts(data: bytes) -> None:
    assert joined(*parts(data, 2)).startswith(data)
    text_of(data)
