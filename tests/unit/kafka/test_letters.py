"""Dead letters are sent whole, and cut only where the topic takes no whole one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigurationError
from pipeline.kafka.letters import LetterBox, addressed, letter_limit
from pipeline.records import DeadLetter, Reason, Stage, dead_letter, decode, encode
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW

TOPIC, LIMIT = "dead", 4_194_304


def a_letter(offset: int, payload: bytes) -> DeadLetter:
    return dead_letter(
        stage=Stage.ENRICH,
        reason=Reason.SCHEMA,
        detail="x" * 500,
        failed_at=NOW,
        payload=payload,
        key=b"\xff" * 100,
        topic="articles",
        partition=0,
        offset=offset,
        headers=(("traceparent", b"00-" + b"ab" * 24),),
    )


def arrived(publisher: FakePublisher) -> dict[bytes, DeadLetter]:
    """The newest of each key, as readers take them."""
    return {each.key: decode(each.value, DeadLetter) for each in publisher.of(TOPIC)}


async def test_the_largest_message_there_may_be_is_kept_whole() -> None:
    publisher = FakePublisher()
    largest = a_letter(1, b"\xff" * LIMIT)
    await LetterBox(publisher, TOPIC, LIMIT).send([addressed(largest)])
    assert arrived(publisher) == {largest.place.encode(): largest}
    assert len(encode(largest)) < letter_limit(LIMIT)


@pytest.mark.parametrize(("limit", "kept"), [(4_194_304, 65_536), (50_000, 0)])
async def test_a_topic_that_takes_less_gets_the_letter_cut_and_the_others_whole(
    limit: int, kept: int
) -> None:
    publisher = FakePublisher(limits={TOPIC: limit})
    letters = [a_letter(n, b"x" * size) for n, size in enumerate((1000, LIMIT, 2000))]
    await LetterBox(publisher, TOPIC, LIMIT).send([addressed(each) for each in letters])
    found = arrived(publisher)
    keys = [each.place.encode() for each in letters]
    assert [found[keys[0]], found[keys[2]]] == [letters[0], letters[2]]
    cut = found[keys[1]]
    assert (cut.payload_truncated, len(cut.payload_bytes())) == (True, kept)
    assert (cut.payload_sha256, cut.place) == (letters[1].payload_sha256, letters[1].place)


async def test_a_topic_that_takes_none_at_all_is_a_setting_to_be_changed() -> None:
    publisher = FakePublisher(limits={TOPIC: 10})
    with pytest.raises(ConfigurationError, match=r"max\.message\.bytes"):
        await LetterBox(publisher, TOPIC, LIMIT).send([addressed(a_letter(1, b"x"))])


@given(st.lists(st.integers(0, 3), max_size=20))
async def test_however_often_a_place_is_refused_it_is_one_letter(offsets: list[int]) -> None:
    publisher = FakePublisher()
    for offset in offsets:
        letter = a_letter(offset, b"%d" % offset)
        await LetterBox(publisher, TOPIC, LIMIT).send([addressed(letter)])
    assert len(arrived(publisher)) == len(set(offsets))
