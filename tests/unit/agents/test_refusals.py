"""What may become a dead letter, and what holds the station back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agents.refusals import LIMIT, RefusalLimit
from pipeline.errors import ConfigurationError
from pipeline.records import Blame, Reason, blame
from tests.fakes.gates import limited

MAPPING, UNCLEAR, INPUT = Reason.MAPPING, Reason.REFUSED_BY_INDEX, Reason.UNDECODABLE


def limit(**changes: object) -> RefusalLimit:
    return RefusalLimit(limited(**changes).dead_letters)


def test_a_single_odd_document_is_a_dead_letter_beside_good_ones_and_alone() -> None:
    assert limit().decide([UNCLEAR], 199, 0.0).admitted == (0,)
    assert limit().decide([UNCLEAR], 0, 0.0).admitted == (0,)


def test_a_reason_that_is_ours_holds_from_the_first_one_on() -> None:
    verdict = limit().decide([INPUT, MAPPING], 500, 0.0)
    assert (verdict.admitted, verdict.held, verdict.cause) == ((0,), {1: "mapping"}, "mapping")


def test_a_whole_batch_that_is_refused_is_held_whole() -> None:
    verdict = limit().decide([UNCLEAR] * 200, 0, 0.0)
    assert (verdict.admitted, len(verdict.held)) == ((), 200)


def test_one_after_the_other_is_a_fault_of_ours_too() -> None:
    gate = limit(unclear=5)
    held = [bool(gate.decide([UNCLEAR], 0, float(at)).held) for at in range(8)]
    assert held == [False] * 4 + [True] * 4


def test_as_many_among_ten_thousand_good_ones_are_not() -> None:
    gate = limit(unclear=5)
    assert not any(gate.decide([UNCLEAR], 199, float(at)).held for at in range(50))


def test_what_is_held_goes_through_once_the_others_do() -> None:
    gate = limit(unclear=5)
    assert gate.decide([UNCLEAR] * 50, 0, 0.0).held
    assert gate.decide([UNCLEAR] * 3, 47, 1.0).admitted == (0, 1, 2)


def test_over_the_limit_the_rest_waits_for_the_next_window() -> None:
    gate = limit(limit=100, window_seconds=60.0)
    assert len(gate.decide([INPUT] * 70, 0, 0.0).admitted) == 70
    verdict = gate.decide([INPUT] * 70, 0, 30.0)
    assert (len(verdict.admitted), verdict.cause) == (30, LIMIT)
    assert gate.decide([INPUT] * 40, 0, 59.0).admitted == ()
    assert len(gate.decide([INPUT] * 100, 0, 61.0).admitted) == 70


def test_texts_that_the_model_fails_on_hold_for_a_while_and_no_longer() -> None:
    gate = limit(unclear=5, patience_seconds=900.0)
    for waited in (0.0, 899.0):
        assert len(gate.decide([Reason.NLP_TIMEOUT] * 6, 0, waited, waited).held) == 6
    assert len(gate.decide([Reason.NLP_TIMEOUT] * 6, 0, 900.0, 900.0).admitted) == 6
    assert len(gate.decide([MAPPING, UNCLEAR] * 6, 0, 9e9, 9e9).held) == 12


def test_what_is_accepted_goes_through_however_much_and_leaves_the_limit_to_others() -> None:
    gate = limit(limit=10, accept=("mapping", "undecodable"))
    assert len(gate.decide([INPUT, MAPPING] * 500, 0, 0.0).admitted) == 1000
    assert len(gate.decide([Reason.TOO_LARGE] * 11, 0, 0.0).admitted) == 10


def test_a_reason_that_is_none_is_no_setting() -> None:
    with pytest.raises(ConfigurationError, match=r"dead_letters\.accept.*undecodable"):
        limit(accept=("maping",))


BATCHES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(Reason), max_size=30),
        st.integers(0, 50),
        st.floats(0, 90, allow_nan=False),
    ),
    max_size=40,
)


@given(BATCHES, st.integers(1, 60), st.integers(1, 20))
def test_in_no_window_are_more_letters_than_the_limit_and_nothing_is_both_or_neither(
    batches: list[tuple[list[Reason], int, float]], most: int, unclear: int
) -> None:
    gate, now = limit(limit=most, unclear=unclear, window_seconds=60.0), 0.0
    letters: list[float] = []
    for refused, done, pause in batches:
        now += pause
        verdict = gate.decide(refused, done, now)
        assert sorted([*verdict.admitted, *verdict.held]) == list(range(len(refused)))
        assert all(blame(refused[place]) is not Blame.OURS for place in verdict.admitted)
        letters += [now] * len(verdict.admitted)
        assert sum(now - at < 60.0 for at in letters) <= most
        assert len(gate._spans) <= 62


@given(st.lists(st.integers(0, 300), min_size=1, max_size=100))
def test_a_flood_drains_at_the_pace_of_the_limit(batches: list[int]) -> None:
    gate, waiting, now = limit(limit=50, window_seconds=60.0), sum(batches), 0.0
    while waiting:
        admitted = len(gate.decide([INPUT] * min(waiting, 200), 0, now).admitted)
        waiting -= admitted
        now += 60.0
        assert admitted in {50, waiting + admitted}
