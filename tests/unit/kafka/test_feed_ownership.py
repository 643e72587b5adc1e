"""What is ours, and of what all states were read."""

from __future__ import annotations

from msgspec.structs import replace

from pipeline.kafka.feed_ownership import Membership, Ownership, assigned, begun, read
from pipeline.kafka.layout import Layout

FOUR = Layout(4, "made once")
FIRST = Membership("us", 1)
NEXT = Membership("us", 2)


def parts(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def loading(*numbers: int) -> Ownership:
    return begun(assigned(Ownership(), parts(*numbers), FIRST, FOUR))


def test_what_is_assigned_is_to_be_read_before_it_counts_as_loaded() -> None:
    now = assigned(Ownership(), parts(0, 1), FIRST, FOUR)
    assert (now.missing, now.loaded) == (parts(0, 1), parts())
    assert read(begun(now)).loaded == parts(0, 1)


def test_the_same_assignment_again_changes_nothing_of_a_load_under_way() -> None:
    for membership in (FIRST, NEXT):
        again = assigned(loading(0, 1), parts(0, 1), membership, FOUR)
        assert (again.missing, again.loaded, again.asked) == (parts(), parts(), parts(0, 1))
        assert read(again).loaded == parts(0, 1)


def test_what_was_lost_while_it_was_read_is_not_loaded() -> None:
    now = read(assigned(loading(0, 1), parts(1), NEXT, FOUR))
    assert now.loaded == parts(1)


def test_what_comes_on_top_is_read_and_what_is_kept_stays_loaded() -> None:
    now = assigned(read(loading(0, 1)), parts(1, 2), NEXT, FOUR)
    assert (now.missing, now.loaded) == (parts(2), parts(1))


def test_what_another_may_have_had_in_between_is_read_anew() -> None:
    loaded = read(loading(0, 1))
    for membership in (Membership("us", 3), Membership("us again", 2)):
        now = assigned(loaded, parts(0, 1), membership, FOUR)
        assert (now.missing, now.loaded) == (parts(0, 1), parts())


def test_what_is_lost_and_comes_back_is_read_anew() -> None:
    without = assigned(read(loading(0, 1)), parts(0), NEXT, FOUR)
    back = assigned(without, parts(0, 1), Membership("us", 3), FOUR)
    assert (back.missing, back.loaded) == (parts(1), parts(0))


def test_a_topic_with_more_partitions_or_made_again_is_read_anew() -> None:
    for layout in (replace(FOUR, count=6), replace(FOUR, topic_id="made again")):
        now = assigned(read(loading(0, 1)), parts(0, 1), FIRST, layout)
        assert (now.missing, now.loaded) == (parts(0, 1), parts())
