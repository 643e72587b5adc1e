"""Which of the feeds that are due begin their poll."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.slots import PollSlots


def ask(slots: PollSlots, *names: str, is_slow: bool = False) -> None:
    """Feeds by their names: the host before the hyphen."""
    for name in names:
        slots.ask(name, name.partition("-")[0], is_slow=is_slow)


def begun(slots: PollSlots) -> list[str]:
    """All that may begin now."""
    found = []
    while (feed_id := slots.begin()) is not None:
        found.append(feed_id)
    return found


def test_a_host_takes_its_share_of_the_slots_and_the_next_feed_is_anothers() -> None:
    slots = PollSlots(4, per_host=2)
    ask(slots, *(f"big-{number}" for number in range(1_000)), "other-0")
    assert begun(slots) == ["big-0", "other-0", "big-1"]
    assert slots.are_free
    assert slots.waiting == 998


def test_a_place_at_the_host_is_kept_until_the_end_of_the_poll_and_the_slot_until_it_is_read() -> (
    None
):
    slots = PollSlots(1, per_host=1)
    ask(slots, "a-0", "a-1", "b-0")
    assert begun(slots) == ["a-0"]
    slots.read("a-0")
    assert begun(slots) == ["b-0"]
    slots.read("b-0")
    assert begun(slots) == []
    slots.leave("a-0")
    assert begun(slots) == ["a-1"]


def test_hosts_take_turns() -> None:
    slots = PollSlots(6, per_host=4)
    ask(slots, "a-0", "a-1", "a-2", "a-3", "b-0", "b-1", "c-0")
    assert begun(slots) == ["a-0", "b-0", "c-0", "a-1", "b-1", "a-2"]


def test_slow_feeds_take_half_of_the_slots_whatever_their_hosts() -> None:
    slots = PollSlots(4, per_host=4)
    ask(slots, *(f"slow{number}-0" for number in range(9)), is_slow=True)
    assert begun(slots) == ["slow0-0", "slow1-0"]
    ask(slots, "quick-0")
    assert begun(slots) == ["quick-0"]


def test_a_slow_feed_is_not_passed_over_for_ever_where_others_always_wait() -> None:
    slots = PollSlots(1, per_host=9)
    ask(slots, "slow-0", is_slow=True)
    ask(slots, "a-0", "a-1", "a-2")
    order = []
    while (feed_id := slots.begin()) is not None:
        order.append(feed_id)
        slots.leave(feed_id)
    assert order == ["a-0", "slow-0", "a-1", "a-2"]


NAMES = st.sampled_from([f"{host}-{number}" for host in "abc" for number in range(4)])


@given(
    st.lists(st.tuples(st.sampled_from(["ask", "begin", "read", "leave"]), NAMES, st.booleans())),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_no_order_of_events_leaves_a_slot_taken_or_a_feed_behind(
    events: list[tuple[str, str, bool]], size: int, per_host: int
) -> None:
    slots, under_way = PollSlots(size, per_host), set[str]()
    asked = set[str]()
    for event, name, is_slow in events:
        if event == "ask" and name not in asked | under_way:
            ask(slots, name, is_slow=is_slow)
            asked.add(name)
        elif event == "begin" and (feed_id := slots.begin()) is not None:
            under_way.add(feed_id)
            asked.remove(feed_id)
            assert max(Counter(name[0] for name in under_way).values()) <= per_host
        elif event == "read":
            slots.read(name)
        elif event == "leave":
            slots.leave(name)
            under_way.discard(name)
            asked.discard(name)
    for name in under_way:
        slots.leave(name)
    while asked:
        feed_id = slots.begin()
        assert feed_id in asked
        asked.remove(feed_id)
        slots.leave(feed_id)
    assert (slots.waiting, slots._free, slots._free_for_slow) == (0, size, max(1, size // 2))
    assert not any((slots._hosts, slots._polls, slots._holding, *slots._lines.values()))
