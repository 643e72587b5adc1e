"""Dead letters found, sent back and thrown away: each place once, whatever is on the topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.kafka.letters import LetterBox, addressed
from pipeline.kafka.ports import Message, StoredMessage
from pipeline.letters.desk import LetterDesk, Replayed, Topic
from pipeline.letters.filters import LetterFilter, filter_of
from pipeline.letters.known import KnownLetters
from pipeline.letters.replay import CUT, FOREIGN, GIVEN_UP, NO_MESSAGE
from pipeline.records import DeadLetter, Reason, Stage, dead_letter, encode
from pipeline.records.dead_letter import cut, place_of
from tests.fakes.kafka import FakePieces, FakePublisher
from tests.fakes.records import NOW, an_article, an_enriched_article
from tests.memory import resident

TOPIC, ARTICLES = "dead", "articles"
EVERYTHING = LetterFilter()
HEADERS = (("traceparent", b"00-1"), ("ce_id", b"a-1"), ("odd", None))


def partition_of(message: Message) -> int:
    return sum(message.key or b"") % 3


def a_letter(number: int = 0, payload: bytes = b"{}", **changes: object) -> DeadLetter:
    made = dead_letter(
        stage=Stage.ENRICH,
        reason=Reason.SCHEMA,
        detail="odd",
        failed_at=NOW + timedelta(seconds=number),
        payload=payload,
        key=b"key-%d" % number,
        topic=ARTICLES,
        partition=1,
        offset=number,
        headers=HEADERS,
    )
    return replace(made, **changes)


class Desk:
    def __init__(self) -> None:
        self.publisher = FakePublisher()
        pieces = FakePieces(self.publisher, TOPIC, partition_of)
        self.desk = LetterDesk(
            Topic(TOPIC, pieces, self.publisher, frozenset({ARTICLES})), lambda: NOW
        )

    async def has(self, *letters: DeadLetter) -> None:
        box = LetterBox(self.publisher, TOPIC, 4_194_304)
        await box.send([addressed(each) for each in letters])

    async def ids(self, wanted: LetterFilter = EVERYTHING, limit: int = 10_000) -> list[str]:
        return [each.id for each in (await self.desk.newest(wanted, limit)).letters]

    def sent_back(self) -> list[Message]:
        return self.publisher.of(ARTICLES)


async def test_a_message_goes_back_as_it_was_and_its_letter_ends() -> None:
    desk = Desk()
    whole = a_letter(7, b"\xff whole " * 100_000)
    await desk.has(whole, a_letter(8))
    done = await desk.desk.replay(LetterFilter(id=whole.place))
    assert done == Replayed(1, {})
    (message,) = desk.sent_back()
    assert (message.key, message.value) == (b"key-7", b"\xff whole " * 100_000)
    assert message.headers == HEADERS
    assert await desk.ids() == [a_letter(8).place]


async def test_a_message_without_a_value_and_a_key_that_is_no_text_go_back_so() -> None:
    desk = Desk()
    given = dead_letter(
        stage=Stage.ENRICH,
        reason=Reason.TOMBSTONE,
        detail="",
        failed_at=NOW,
        payload=b"",
        key=b"\xff",
        topic=ARTICLES,
        partition=0,
        offset=0,
    )
    await desk.has(given)
    await desk.desk.replay(EVERYTHING)
    assert [(each.key, each.value) for each in desk.sent_back()] == [(b"\xff", None)]


async def test_what_is_no_message_stays_and_says_why() -> None:
    desk = Desk()
    nowhere = {"topic": None, "partition": None, "offset": None}
    await desk.has(
        a_letter(1, stage=Stage.FEEDS, reason=Reason.ROBOTS, **nowhere),
        a_letter(2, stage=Stage.ALERT, reason=Reason.UNDELIVERABLE, **nowhere),
        cut(a_letter(3, b"x" * 100), 10),
        a_letter(4, topic="elsewhere"),
        a_letter(5),
    )
    done = await desk.desk.replay(EVERYTHING)
    assert done.replayed == 1
    assert done.refused == {NO_MESSAGE: 1, GIVEN_UP: 1, CUT: 1, FOREIGN: 1}
    assert len(await desk.ids()) == 4


async def test_broken_off_it_is_sent_again_and_nothing_is_lost() -> None:
    desk, count = Desk(), 1_700
    await desk.has(*(a_letter(n) for n in range(count)))
    publish, calls = desk.publisher.publish, 0

    async def dying(messages: Sequence[Message]) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise RuntimeError("killed")
        await publish(messages)

    desk.publisher.publish = dying  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        await desk.desk.replay(EVERYTHING)
    assert (await desk.desk.replay(EVERYTHING)).replayed < count
    assert {each.key for each in desk.sent_back()} == {b"key-%d" % n for n in range(count)}
    assert await desk.ids() == []


async def test_a_dry_run_only_counts() -> None:
    desk = Desk()
    await desk.has(a_letter(1), a_letter(2))
    before = len(desk.publisher.sent)
    assert (await desk.desk.replay(EVERYTHING, dry_run=True)).replayed == 2
    assert await desk.desk.purge(EVERYTHING, dry_run=True) == 2
    assert len(desk.publisher.sent) == before


async def test_what_is_thrown_away_is_gone_until_it_is_refused_again() -> None:
    desk = Desk()
    await desk.has(*(a_letter(n) for n in range(1_200)))
    assert await desk.desk.purge(EVERYTHING, limit=1_100) == 1_100
    assert (await desk.ids())[0] == a_letter(99).place
    assert await desk.desk.purge(EVERYTHING) == 100
    await desk.has(a_letter(3))
    assert await desk.ids() == [a_letter(3).place]


async def test_one_is_shown_whole_and_one_that_is_not_there_is_none() -> None:
    desk = Desk()
    await desk.has(a_letter(1), a_letter(2, b"whole"), a_letter(2, b"whole", detail="again"))
    shown = await desk.desk.show(a_letter(2, b"whole").place)
    assert shown is not None
    assert (shown.payload_bytes(), shown.detail) == (b"whole", "again")
    assert await desk.desk.show(a_letter(3).place) is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"stage": "index"}, {2}),
        ({"reason": "mapping"}, {2}),
        ({"since": (NOW + timedelta(seconds=2)).isoformat()}, {2, 3}),
        ({"until": (NOW + timedelta(seconds=2)).isoformat()}, {1}),
        ({"source": "the COURIER"}, {1, 2}),
        ({"source": "courier.example"}, {1, 2}),
        ({"source": "gazette"}, {3}),
        ({"topic": "other"}, {3}),
        ({"id": place_of("other", 1, 3, sha256(b"\xff").hexdigest())}, {3}),
        ({"source": "100%"}, set()),
    ],
)
async def test_filters_mean_what_they_say(words: dict[str, str], found: set[int]) -> None:
    desk = Desk()
    await desk.has(
        a_letter(1, encode(an_article())),
        a_letter(2, encode(an_enriched_article()), stage=Stage.INDEX, reason=Reason.MAPPING),
        a_letter(3, b"\xff", url="https://www.gazette.example/a", topic="other"),
    )
    ids = await desk.ids(filter_of(words, NOW))
    assert {int(each.split("/")[2]) for each in ids} == found


def stored(
    offset: int, message: Message, time: int | None = None, partition: int = 0
) -> StoredMessage:
    return StoredMessage(
        partition=partition,
        offset=offset,
        time=offset if time is None else time,
        key=message.key,
        value=message.value,
        headers=message.headers,
    )


def test_letters_of_earlier_versions_are_told_apart_and_ended_by_their_event_id() -> None:
    """Their key was that of the article, so a letter and its end may be in different partitions."""
    known = KnownLetters()
    for number in (1, 2):
        message = addressed(a_letter(number)).message(TOPIC)
        known.note(stored(number, replace(message, key=b"article"), time=100 + number))
    assert known.count(EVERYTHING) == 2
    end = Message(topic=TOPIC, key=a_letter(1).place.encode(), value=None)
    known.note(stored(0, end, time=50, partition=2))
    assert known.count(EVERYTHING) == 2
    known.note(stored(1, end, time=200, partition=2))
    assert [each.id for each in known.newest(EVERYTHING, 10)] == [a_letter(2).place]


def test_what_is_no_letter_is_passed_over() -> None:
    known = KnownLetters()
    for offset, value in enumerate((b"", b"{", b'{"stage": "of tomorrow"}')):
        known.note(stored(offset, Message(topic=TOPIC, key=b"k", value=value)))
    assert known.count(EVERYTHING) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=40))
def test_the_newest_of_a_place_holds(writes: list[tuple[int, bool]]) -> None:
    known, expected = KnownLetters(), dict[int, int]()
    for at, (place, is_letter) in enumerate(writes):
        letter = replace(a_letter(place), detail=f"{at}")
        message = addressed(letter).message(TOPIC)
        known.note(stored(at, message if is_letter else replace(message, value=None)))
        expected.pop(place, None)
        if is_letter:
            expected[place] = at
    found = {each.offset: int(each.detail) for each in known.newest(EVERYTHING, 100)}
    assert found == expected
    known.close()


def test_a_hundred_thousand_letters_take_little_memory() -> None:
    known, template = KnownLetters(), addressed(a_letter(0, b"x" * 600)).message(TOPIC)
    before = resident()
    for number in range(100_000):
        headers = (("ce_id", b"articles/1/%d" % number),)
        known.note(stored(number, replace(template, headers=headers)))
    newest = known.newest(EVERYTHING, 20)
    assert (known.count(EVERYTHING), len(newest)) == (100_000, 20)
    assert known.choose(EVERYTHING) == 100_000
    assert resident() - before < 48_000_000
    known.close()
