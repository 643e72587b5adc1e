"""The watchdog's judgement: lag without progress, and nothing else, is a stall."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agents.watchdog import EXIT_STALLED, Pulse, Watchdog, watch_lag
from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.kafka.cluster import Lag

LIMIT = 60.0


def watchdog() -> Watchdog:
    dog = Watchdog(LIMIT, now=0.0, topic_id="a")
    assert not dog.stalled_at(Lag(behind=5, committed=10), now=1.0)
    return dog


def test_lag_without_progress_is_a_stall() -> None:
    dog = watchdog()
    assert not dog.stalled_at(Lag(5, 10), now=61.0)
    assert dog.stalled_at(Lag(5, 10), now=61.1)


def test_without_lag_a_worker_may_rest_for_ever() -> None:
    dog = watchdog()
    assert not dog.stalled_at(Lag(0, 10), now=10_000.0)
    assert not dog.stalled_at(Lag(1, 10), now=10_050.0)


def test_commits_of_the_group_are_progress() -> None:
    dog = watchdog()
    assert not dog.stalled_at(Lag(5, 11), now=500.0)


def test_a_beat_is_progress() -> None:
    dog = watchdog()
    dog.beat(100.0)
    for now in (50.0, 100.0, 160.0):
        assert not dog.stalled_at(Lag(5, 10), now)
    assert dog.stalled_at(Lag(5, 10), now=160.1)


def test_an_outage_of_kafka_is_no_stall() -> None:
    dog = watchdog()
    assert not dog.stalled_at(None, now=500.0)
    assert not dog.stalled_at(Lag(5, 10), now=555.0)
    assert dog.stalled_at(Lag(5, 10), now=561.0)


def test_a_topic_that_was_made_again_is_another_one() -> None:
    dog = Watchdog(LIMIT, now=0.0, topic_id="a")
    looks = [None, Lag(0, 0), Lag(0, 5, "a"), None, Lag(3, 5, "a"), Lag(0, 0, "b")]
    assert [dog.is_of_another(each) for each in looks] == [False] * 5 + [True]


@pytest.mark.parametrize("error", [ServiceUnavailable("gone"), ConfigurationError("not allowed")])
def test_the_watchdog_outlives_whatever_kafka_says_and_repeats_it(
    error: PipelineError, caplog: pytest.LogCaptureFixture
) -> None:
    twice = threading.Event()
    asked = 0

    def measure() -> Lag:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise error
        twice.set()
        threading.Event().wait()  # for ever: this test is over
        raise AssertionError

    with caplog.at_level(logging.WARNING):
        watch_lag(Watchdog(LIMIT, now=0.0, topic_id="a"), measure, limit_seconds=0.06)
        assert twice.wait(5)
    assert str(error) in caplog.text


def test_a_pulse_that_stops_is_a_stall_only_while_there_is_work() -> None:
    busy = True
    pulse = Pulse(LIMIT, 0.0, lambda: busy)
    assert not pulse.stalled(60.0)
    assert pulse.stalled(61.0)
    busy = False
    assert not pulse.stalled(62.0)
    busy = True
    assert not pulse.stalled(120.0)
    assert pulse.stalled(123.0)


def test_a_process_that_stood_still_itself_has_its_whole_time_again() -> None:
    pulse = Pulse(LIMIT, 0.0)
    assert not pulse.stalled(500.0)
    assert not pulse.stalled(555.0)
    assert pulse.stalled(561.0)


@given(st.lists(st.floats(0.0, LIMIT), min_size=1, max_size=50), st.floats(0.0, 10.0))
def test_whoever_beats_within_the_limit_never_stalls(beats: list[float], late: float) -> None:
    pulse, now = Pulse(LIMIT, 0.0), 0.0
    for wait in beats:
        now += min(wait, LIMIT - late)
        pulse.beat(now)
        assert not pulse.stalled(now + late)


SCRIPT = """
import asyncio, sys, time
from pipeline.agents.watchdog import watch_beats
from pipeline.agents.worker import told_to_stop

async def blocked_loop():
    async with told_to_stop(0.6):
        await asyncio.sleep(2.0)
        print("lived", flush=True)
        time.sleep(60)

async def silent_beat():
    async with told_to_stop(60.0):
        beat = watch_beats(0.6, "deliveries")
        for _ in range(20):
            beat()
            await asyncio.sleep(0.1)
        print("lived", flush=True)
        await asyncio.sleep(60)

async def end_that_takes_long():
    async with told_to_stop(0.6):
        print("lived", flush=True)
    await asyncio.sleep(2.0)

asyncio.run(globals()[sys.argv[1]]())
"""


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("blocked_loop", EXIT_STALLED, "the event loop is blocked"),
        ("silent_beat", EXIT_STALLED, "deliveries"),
        ("end_that_takes_long", 0, ""),
    ],
)
def test_a_process_that_stalls_ends_to_be_started_again(what: str, code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, what],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, "lived\n"), done.stderr
    assert said in done.stderr
