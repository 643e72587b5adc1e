import pytest

from tests.chaos.chaos import chosen
from tests.chaos.faults import FAULTS
from tests.chaos.harness import processes
from tests.chaos.plan import KINDS, PROCESSES
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.scenarios.registry import row
from tests.chaos.scenarios.stage import Evidence


def test_every_kind_of_the_plan_has_a_function_and_no_function_is_left_over() -> None:
    assert {kind.name for kind in KINDS} == FAULTS.keys()


def test_the_plan_knows_the_processes_that_run() -> None:
    assert PROCESSES == processes.NAMES


def test_all_scenarios_are_played_or_those_that_are_named() -> None:
    assert [each.name for each in chosen(None)] == list(SCENARIOS)
    assert [each.name for each in chosen("cut,kill")] == ["cut", "kill"]
    with pytest.raises(SystemExit, match=r"no scenario cuts; there are: .*cut"):
        chosen("kill,cuts")


@pytest.mark.parametrize(
    ("evidence", "holds"),
    [
        (Evidence(), True),
        (Evidence(seconds=29.0), True),
        (Evidence(seconds=31.0), False),
        (Evidence(seconds=31.0, longest=60.0), True),
        (Evidence(wrong=("it did not go on",)), False),
    ],
)
def test_a_promise_that_was_not_kept_shows_in_the_row(evidence: Evidence, holds: bool) -> None:
    made = row(SCENARIOS["kill"], evidence, 12.34)
    assert (made.fault, made.ok, made.took) == ("kill", holds, 12.3)
    assert all(each in made.happened for each in evidence.wrong)


def test_a_recovery_that_took_too_long_says_so() -> None:
    assert "recovered after 31.0 s, 30 s allowed" in Evidence(seconds=31.0).text()
