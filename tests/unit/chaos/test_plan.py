from collections import Counter

from tests.chaos.plan import KINDS, soak_plan


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert soak_plan(1, 60) == soak_plan(1, 60)
    assert soak_plan(1, 60) != soak_plan(2, 60)


def test_an_hour_holds_a_hundred_faults_of_all_kinds_at_all_targets() -> None:
    plan = soak_plan(1, 60)
    assert len(plan) >= 100
    hit = {(each.fault, each.target) for each in plan}
    assert hit == {(kind.name, target) for kind in KINDS for target in kind.targets}


def test_faults_come_in_order_and_end_before_the_soak_does() -> None:
    times = [each.at for each in soak_plan(3, 60)]
    assert times == sorted(times)
    assert times[0] >= 20
    assert times[-1] < 3600


def test_lengths_stay_within_those_of_their_kind() -> None:
    bounds = {kind.name: kind.seconds for kind in KINDS}
    for each in soak_plan(4, 120):
        shortest, longest = bounds[each.fault]
        assert shortest <= each.seconds <= longest


def test_partitions_are_added_once_to_a_topic() -> None:
    added = Counter(each.target for each in soak_plan(5, 240) if each.fault == "partitions")
    assert set(added.values()) == {1}


def test_a_soak_that_is_too_short_for_a_fault_has_none() -> None:
    assert soak_plan(1, 0.5) == ()
