"""A station that waits for a fault of ours to be mended."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client import REGISTRY

from pipeline.agents.batch import RawMessage
from pipeline.agents.gate import Gate
from pipeline.agents.taken import Refused, Taken, refuse
from pipeline.errors import Rejected
from pipeline.records import HeldStation, Reason, Stage, decode
from pipeline.telemetry.trace import TraceContext
from tests.fakes.gates import Time, limited
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW

TRACE = TraceContext("ab" * 16, "cd" * 8)


class Station:
    """Refuses what ``reasons`` says, by offset, until it is mended after so many waits."""

    def __init__(self, reasons: dict[int, Reason], mended_after: int, **limits: Any) -> None:
        self.reasons = reasons
        self.tries: list[list[int]] = []
        self.done: list[int] = []
        self.dead: list[int] = []
        self.beats = 0
        self.resting = 0
        self.publisher = FakePublisher()
        self.time = Time(self._mend)
        self._waits = mended_after
        settings = limited(**limits)
        self.topic = settings.topics.stations
        self.gate = Gate(
            Stage.INDEX,
            settings,
            self.publisher,
            self.time.clocks(),
            beat=self._beat,
            resting=self._rest,
        )

    def _mend(self) -> None:
        self._waits -= 1
        if self._waits == 0:
            self.reasons = {}

    def _beat(self) -> None:
        self.beats += 1

    @contextmanager
    def _rest(self) -> Any:
        self.resting += 1
        yield
        self.resting -= 1

    async def takes(self, count: int) -> None:
        await self.gate.through([raw(offset) for offset in range(count)], self._try, self._settle)

    async def _try(self, messages: Sequence[RawMessage]) -> list[Refused]:
        assert self.resting == 0
        offsets = [message.offset for message in messages]
        self.tries.append(offsets)
        self.done += [each for each in offsets if each not in self.reasons]
        return [
            refuse(Taken(raw(each), TRACE), Stage.INDEX, Rejected(self.reasons[each], "why"), NOW)
            for each in offsets
            if each in self.reasons
        ]

    async def _settle(self, refused: Sequence[Refused]) -> None:
        self.dead += [each.taken.raw.offset for each in refused]

    def states(self) -> list[HeldStation | None]:
        return [
            None if message.value is None else decode(message.value, HeldStation)
            for message in self.publisher.of(self.topic)
        ]


def raw(offset: int) -> RawMessage:
    return RawMessage(topic="t", partition=2, offset=offset, key=b"k", value=b"v")


def shown(cause: str) -> float:
    labels = {"stage": "index", "cause": cause}
    return REGISTRY.get_sample_value("news_station_held", labels) or 0.0


async def test_what_is_held_is_tried_again_until_it_is_mended_and_nothing_is_a_letter() -> None:
    station = Station(dict.fromkeys(range(50), Reason.REFUSED_BY_INDEX), mended_after=20)
    await station.takes(60)
    assert station.dead == []
    assert sorted(station.done) == list(range(60))
    assert station.tries[0] == list(range(60))
    assert all(each == list(range(50)) for each in station.tries[1:])


async def test_texts_that_the_model_fails_on_become_letters_after_a_quarter_of_an_hour() -> None:
    station = Station(dict.fromkeys(range(8), Reason.NLP_CRASH), mended_after=10**6)
    await station.takes(10)
    assert sorted(station.dead) == list(range(8))
    assert 900 <= sum(station.time.slept) < 1000
    assert station.states()[-1] is None


async def test_it_waits_longer_each_time_and_its_watchdog_hears_of_it() -> None:
    station = Station({0: Reason.MAPPING}, mended_after=200)
    await station.takes(1)
    assert max(station.time.slept) <= 5.0
    assert station.beats > len(station.time.slept)
    assert len(station.tries) < 40


async def test_a_document_of_its_own_fault_is_a_letter_at_once_though_others_are_held() -> None:
    station = Station({0: Reason.UNDECODABLE, 1: Reason.MAPPING}, mended_after=3)
    await station.takes(3)
    assert (station.dead, sorted(station.done)) == ([0], [1, 2])


async def test_a_flood_of_bad_input_drains_at_the_pace_of_the_limit() -> None:
    reasons = dict.fromkeys(range(25), Reason.UNDECODABLE)
    station = Station(reasons, 10**6, limit=10, window_seconds=60.0)
    await station.takes(25)
    assert station.dead == list(range(25))
    assert 120 <= station.time.seconds < 240


async def test_it_says_so_in_log_metric_and_on_a_topic_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    station, during = Station({1: Reason.MAPPING}, mended_after=100), []
    before, settle = shown("mapping"), station._settle

    async def look(refused: Sequence[Refused]) -> None:
        during.append(shown("mapping"))
        await settle(refused)

    with caplog.at_level(logging.WARNING):
        await station.gate.through([raw(0), raw(1)], station._try, look)
    assert max(during) == before + 1
    assert shown("mapping") == before
    *states, last = station.states()
    first = states[0]
    assert first is not None
    assert (first.id, first.cause, first.messages) == ("index/t/2", "mapping", 1)
    assert "pipeline setup" in first.remedy
    assert all(state is not None and state.since == first.since for state in states)
    assert last is None
    held = [each for each in caplog.messages if "index is held" in each]
    assert 2 <= len(held) <= 1 + station.time.seconds / 60
    assert "index goes on" in caplog.messages[-1]


async def test_one_that_is_broken_off_is_shown_no_more() -> None:
    station, before = Station({0: Reason.MAPPING}, mended_after=10**6), shown("mapping")

    async def revoked(_: Sequence[RawMessage]) -> list[Refused]:
        if len(station.tries) == 3:
            raise RuntimeError("partitions are gone")
        return await station._try(_)

    with pytest.raises(RuntimeError):
        await station.gate.through([raw(0)], revoked, station._settle)
    assert shown("mapping") == before


def test_a_state_that_is_not_heard_of_any_more_holds_no_more() -> None:
    station = HeldStation(
        stage=Stage.INDEX,
        place="t/0",
        cause="mapping",
        detail="",
        remedy="",
        messages=1,
        since=NOW,
        updated_at=NOW,
    )
    time = Time()
    assert station.holds(time.clocks().now())
    time.seconds = 121.0
    assert not station.holds(time.clocks().now())


@pytest.mark.parametrize("reason", list(Reason))
async def test_every_reason_that_can_hold_has_a_remedy(reason: Reason) -> None:
    station = Station(dict.fromkeys(range(400), reason), mended_after=2, limit=3)
    await station.takes(400)
    state = station.states()[0]
    assert state is not None
    assert len(state.remedy) > 20
