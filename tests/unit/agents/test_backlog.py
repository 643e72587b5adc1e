"""A search that cannot be asked waits alone, misses nothing, and those it belongs to are told."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline import settings
from pipeline.agents.alert import AlertHandler
from pipeline.agents.backlog import Backlog
from pipeline.agents.batch import RawMessage
from pipeline.agents.tenure import Tenure, TenureEnded
from pipeline.kafka.ports import Message
from pipeline.kafka.states import SAVED_SEARCHES, end_message, state_message
from pipeline.records import Alert, SavedSearch, Stage, WaitingSearch, decode, encode
from tests.fakes.alerts import FakeMatcher, a_notice, a_search, some_searches
from tests.fakes.gates import a_gate
from tests.fakes.kafka import FakePieces, FakePublisher
from tests.fakes.records import NOW
from tests.stacks import updated

SETTINGS = updated(settings.load(), {"alerts": {"batch_size": 3}})
TOPICS = SETTINGS.topics
PARTITIONS = frozenset({0, 1})


def partition_of(message: Message) -> int:
    return int(message.key, 16) % 2


class Worker:
    """One alert worker, of some partitions."""

    def __init__(self, line: Line, partitions: frozenset[int] = PARTITIONS) -> None:
        self._line = line
        self.tenure = Tenure()
        searches = some_searches(line.publisher, line.matcher)
        gate = a_gate(Stage.ALERT, line.publisher)
        self.handler = AlertHandler(
            SETTINGS, searches, line.publisher, line.clock, self.tenure, gate
        )
        self.backlog = Backlog(
            SETTINGS, searches, line.notices, line.publisher, line.clock, self.tenure
        )
        self.owns(partitions)

    def owns(self, partitions: frozenset[int]) -> None:
        self.partitions = partitions
        for owner in (self.tenure, self.backlog):
            owner.owns(partitions)

    async def reads(self, most: int = 3) -> None:
        """The next batch, acknowledged."""
        batch: list[RawMessage] = []
        for each in sorted(self.partitions):
            at = self._line.committed[each]
            batch += [
                RawMessage(
                    topic=TOPICS.indexed,
                    partition=each,
                    offset=stored.offset,
                    key=stored.key,
                    value=stored.value,
                )
                for stored in self._line.notices.stored(each)[at : at + most]
            ]
        await self.handler(batch)
        for message in batch:
            self._line.committed[message.partition] = message.offset + 1

    async def looks(self) -> None:
        await self.backlog.look()
        await asyncio.gather(*self.backlog._asking.values())


class Line:
    """The topics, and the time."""

    def __init__(self, *searches: SavedSearch) -> None:
        self.publisher = FakePublisher()
        self.matcher = FakeMatcher()
        self.notices = FakePieces(self.publisher, TOPICS.indexed, partition_of)
        self.committed = dict.fromkeys(PARTITIONS, 0)
        self.seconds = 0.0
        self.told = 0
        for each in searches:
            self.save(each)

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def save(self, search: SavedSearch) -> None:
        self.publisher.sent.append(state_message(TOPICS.searches, SAVED_SEARCHES, search))

    def tell(self, count: int) -> None:
        for _ in range(count):
            self.told += 1
            notice = a_notice(self.told)
            key = notice.article_id.encode()
            message = Message(topic=TOPICS.indexed, key=key, value=encode(notice))
            self.publisher.sent.append(message)

    def alerts(self, event: str = "found") -> Counter[tuple[str, int]]:
        alerts = [decode(m.value, Alert) for m in self.publisher.of(TOPICS.alerts)]
        return Counter(
            (each.search_id, int(each.article_id, 16) if event == "found" else 0)
            for each in alerts
            if each.event == event
        )

    def all_once(self, *search_ids: str) -> Counter[tuple[str, int]]:
        numbers = range(1, self.told + 1)
        return Counter((each, number) for each in search_ids for number in numbers)

    def waiting(self) -> dict[str, WaitingSearch]:
        found: dict[str, WaitingSearch] = {}
        for message in self.publisher.of(TOPICS.waiting):
            found.pop(message.key.decode(), None)
            if message.value is not None:
                found[message.key.decode()] = decode(message.value, WaitingSearch)
        return found


async def drained(line: Line, *workers: Worker) -> None:
    """Everything is read, and what waited has caught up."""
    for _ in range(60):
        line.seconds += 61
        for worker in workers:
            await worker.reads()
            await worker.looks()


def broken_line() -> tuple[Line, Worker]:
    line = Line(a_search(id="good"), a_search(id="bad"))
    line.matcher.broken = {"bad"}
    return line, Worker(line)


async def test_a_refused_search_waits_alone_and_is_asked_about_all_it_missed() -> None:
    line, worker = broken_line()
    for _ in range(5):
        line.tell(8)
        await drained(line, worker)
    assert line.alerts() == line.all_once("good")
    assert {each.offset for each in line.waiting().values()} == {0}
    assert line.waiting().keys() == {"bad/0", "bad/1", "bad/told"}
    line.matcher.broken = set()
    line.tell(3)
    await drained(line, worker)
    assert line.alerts() == line.all_once("good", "bad")
    assert line.waiting() == {}


async def test_those_it_belongs_to_are_told_once_and_once_when_it_works_again() -> None:
    line, worker = broken_line()
    for times in (1, 2):
        line.matcher.broken = {"bad"}
        line.tell(10)
        await drained(line, worker, Worker(line))
        assert line.alerts("refused") == {("bad", 0): times}
        line.matcher.broken = set()
        await drained(line, worker)
        assert line.alerts("resumed") == {("bad", 0): times}
    assert line.alerts() == line.all_once("good", "bad")


async def test_one_that_fails_for_a_moment_is_told_of_to_nobody() -> None:
    line, worker = broken_line()
    line.tell(40)
    await worker.reads()
    line.matcher.broken = set()
    await drained(line, worker)
    assert line.alerts("refused") == line.alerts("resumed") == Counter()
    assert line.alerts() == line.all_once("good", "bad")


async def test_it_is_asked_less_often_the_longer_it_fails() -> None:
    line, worker = broken_line()
    line.tell(1)
    await worker.reads()
    line.matcher.asked = []
    for _ in range(600):
        line.seconds += 1
        await worker.looks()
    assert 10 <= len(line.matcher.asked) <= 20


async def test_saved_anew_it_is_asked_as_it_is_now_about_all_it_missed() -> None:
    line, worker = broken_line()
    line.tell(7)
    await drained(line, worker)
    line.save(a_search(id="bad", name="Mended"))
    line.matcher.broken = set()
    await drained(line, worker)
    assert line.alerts() == line.all_once("good", "bad")
    names = {decode(m.value, Alert).search_name for m in line.publisher.of(TOPICS.alerts)}
    assert "Mended" in names


@pytest.mark.parametrize("end", ["removed", "switched off"])
async def test_a_search_that_is_no_more_waits_no_more(end: str) -> None:
    line, worker = broken_line()
    line.tell(4)
    await drained(line, worker)
    if end == "removed":
        line.publisher.sent.append(end_message(TOPICS.searches, "bad", NOW))
    else:
        line.save(a_search(id="bad", active=False))
    await drained(line, worker)
    assert line.waiting() == {}
    assert line.alerts() == line.all_once("good")


async def test_partitions_that_go_to_another_worker_take_what_waits_with_them() -> None:
    line, first = broken_line()
    line.tell(9)
    await drained(line, first)
    await first.tenure.lets_go()
    await first.backlog.lets_go()
    line.matcher.broken = set()
    await drained(line, Worker(line))
    assert line.alerts() == line.all_once("good", "bad")


async def test_one_that_lost_its_partitions_while_it_asked_writes_nothing() -> None:
    line, worker = broken_line()
    line.tell(2)
    await worker.reads()
    line.matcher.broken = set()
    line.seconds += 61
    line.matcher.go_on.clear()
    await worker.backlog.look()
    line.seconds += 61
    await worker.backlog.look()
    await asyncio.sleep(0)
    await worker.tenure.lets_go()
    line.matcher.go_on.set()
    await asyncio.gather(*worker.backlog._asking.values())
    assert line.alerts() == line.all_once("good")
    assert len(line.waiting()) == 2


async def test_a_slow_search_does_not_keep_others_from_catching_up() -> None:
    line = Line(*(a_search(id=f"s{number}") for number in range(3)))
    worker = Worker(line)
    line.matcher.broken = {"s0", "s1", "s2"}
    line.tell(2)
    await worker.reads()
    line.matcher.broken = set()
    match = line.matcher.match

    async def slow(searches, batch):  # type: ignore[no-untyped-def]
        if searches[0].id == "s0":
            await asyncio.Event().wait()
        return await match(searches, batch)

    line.matcher.match = slow  # type: ignore[method-assign]
    for _ in range(10):
        line.seconds += 61
        await worker.backlog.look()
        await asyncio.sleep(0.001)
    assert {search_id for search_id, _ in line.alerts()} == {"s1", "s2"}
    for task in worker.backlog._asking.values():
        task.cancel()


class Killed(Exception):
    """The process ended there."""


STEPS = st.lists(
    st.sampled_from(("tell", "read", "look", "break", "mend", "kill", "swap", "later")),
    max_size=60,
)


@given(STEPS, st.data())
@hypothesis_settings(deadline=None)
async def test_whatever_fails_and_whoever_dies_each_find_is_told_once(
    steps: list[str], data: st.DataObject
) -> None:
    line = Line(a_search(id="good"), a_search(id="bad"))
    workers = [Worker(line, frozenset({each})) for each in sorted(PARTITIONS)]
    for step in steps:
        await a_step(step, line, workers, data)
    line.matcher.broken = set()
    await drained(line, *workers)
    assert line.alerts() == line.all_once("good", "bad")
    assert line.waiting() == {}
    assert line.alerts("resumed") == line.alerts("refused")


async def a_step(step: str, line: Line, workers: list[Worker], data: st.DataObject) -> None:
    worker = data.draw(st.sampled_from(workers))
    match step:
        case "tell":
            line.tell(5)
        case "read":
            await worker.reads()
        case "look":
            await worker.looks()
        case "break" | "mend":
            line.matcher.broken = {"bad"} if step == "break" else set()
        case "later":
            line.seconds += 61
        case "kill":
            await killed_in_the_middle(line, workers, worker, data)
        case "swap":
            await swapped(*workers)


async def swapped(*workers: Worker) -> None:
    """The partitions are shared out anew."""
    for each in workers:
        await each.tenure.lets_go()
        await each.backlog.lets_go()
    shares = [each.partitions for each in workers]
    for each, share in zip(workers, reversed(shares), strict=True):
        each.owns(share)


async def killed_in_the_middle(
    line: Line, workers: list[Worker], worker: Worker, data: st.DataObject
) -> None:
    """It gets so many messages out, and no more; another takes its place."""
    publish, left = line.publisher.publish, data.draw(st.integers(0, 3))

    async def dying(messages):  # type: ignore[no-untyped-def]
        nonlocal left
        for message in messages:
            if left == 0:
                raise Killed
            left -= 1
            await publish([message])

    line.publisher.publish = dying  # type: ignore[method-assign]
    for act in (worker.reads, worker.looks):
        try:
            await act()
        except (Killed, TenureEnded):
            break
    line.publisher.publish = publish  # type: ignore[method-assign]
    workers[workers.index(worker)] = Worker(line, worker.partitions)


def test_a_state_of_what_waits_is_one_for_each_search_and_partition() -> None:
    waits = WaitingSearch(search_id="a", partition=0, offset=0, why="", since=NOW, refused_at=NOW)
    assert {waits.id, replace(waits, partition=1).id} == {"a/0", "a/1"}
