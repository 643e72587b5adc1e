"""What holds of each key, in whatever order the partitions are read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kafka.feed_states import newest_states, stored, turn_of
from pipeline.kafka.newest import Newest
from pipeline.kafka.ports import Entry, Unreadable
from pipeline.kafka.states import INGEST_STATES
from pipeline.records import FeedState, IngestState, encode
from tests.fakes.records import NOW

FILE = IngestState(path="/a.warc", size=9, modified_ns=1, offset=5, skip=2, updated_at=NOW)
FEED = FeedState(feed_id="one", url="https://courier.example/rss", polled_at=NOW)


def newest(*entries: Entry) -> dict[str, bytes]:
    found: Newest[bytes] = Newest(lambda _, value: value)
    for entry in entries:
        found.add(entry)
    return found.found()


def test_the_last_message_of_a_key_holds_and_one_without_a_value_ends_it() -> None:
    entries = [Entry(key, b"1") for key in (b"one", b"two", b"three")]
    assert newest(*entries, Entry(b"one", b"2"), Entry(b"two", None)) == {
        "one": b"2",
        "three": b"1",
    }


def test_what_cannot_be_read_is_logged_and_taken_as_none(caplog: pytest.LogCaptureFixture) -> None:
    found = Newest(INGEST_STATES.read)
    found.add(Entry(b"/a.warc", encode(FILE)))
    found.add(Entry(b"/a.warc", b"{"))
    assert found.found() == {}
    assert "the stored progress of /a.warc is unreadable" in caplog.text


messages = st.lists(
    st.tuples(st.sampled_from([b"a", b"b"]), st.none() | st.binary(min_size=1, max_size=2)),
    max_size=12,
)


def interleaved(parts: Sequence[list[Entry]], picks: Sequence[int]) -> list[Entry]:
    """The messages of all partitions in one of the orders in which they may be read."""
    left = [list(part) for part in parts]
    order: list[Entry] = []
    for pick in [*picks, *range(sum(map(len, left)))]:
        waiting = [part for part in left if part]
        if waiting:
            order.append(waiting[pick % len(waiting)].pop(0))
    return order


@given(messages, st.integers(0, 12), st.lists(st.integers(0, 5), max_size=24))
def test_keys_that_moved_to_other_partitions_are_as_if_they_had_not(
    written: list[tuple[bytes, bytes | None]], moved_at: int, picks: list[int]
) -> None:
    """The topic got more partitions after the first ``moved_at`` messages."""
    entries = [
        Entry(key, value, partition=0 if n < moved_at else 1 + key[0] % 2, time_ms=n)
        for n, (key, value) in enumerate(written)
    ]
    parts = [[each for each in entries if each.partition == number] for number in range(3)]
    assert newest(*interleaved(parts, picks)) == newest(*entries)


def test_a_state_of_an_earlier_turn_does_not_hold_wherever_it_was_written_last() -> None:
    late, new = (encode(FeedState(**{**_fields(FEED), "turn": turn})) for turn in (1, 2))
    for partition in (0, 1):
        found = newest_states()
        found.add(Entry(b"one", new, 0, time_ms=5))
        found.add(Entry(b"one", late, partition, time_ms=9))
        assert found.found() == {"one": new}


def _fields(state: FeedState) -> dict[str, object]:
    return {name: getattr(state, name) for name in state.__struct_fields__}


@pytest.mark.parametrize(
    ("value", "turn"),
    [(b"", 0), (b"\xff", 0), (b"{", 0), (b"[]", 0), (b'{"turn": "x"}', 0), (b'{"turn": 7}', 7)],
)
def test_an_unreadable_state_is_kept_whole_with_its_turn(value: bytes, turn: int) -> None:
    found = stored("one", value)
    assert isinstance(found, Unreadable)
    assert (found.value, found.turn, turn_of(value)) == (value, turn, turn)
    assert stored("one", encode(FEED)) == FEED
