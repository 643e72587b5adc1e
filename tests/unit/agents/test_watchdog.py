"""The watchdog's judgement: lag without progress, and nothing else, is a stall."""

from __future__ import annotations

import logging
import threading

import pytest

from pipeline.agents.watchdog import Watchdog, watch
from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.kafka.cluster import Lag

LIMIT = 60.0


def watchdog() -> Watchdog:
    dog = Watchdog(LIMIT, now=0.0)
    assert not dog.stalled(Lag(behind=5, committed=10), now=1.0)
    return dog


def test_lag_without_progress_is_a_stall() -> None:
    dog = watchdog()
    assert not dog.stalled(Lag(5, 10), now=61.0)
    assert dog.stalled(Lag(5, 10), now=61.1)


def test_without_lag_a_worker_may_rest_for_ever() -> None:
    dog = watchdog()
    assert not dog.stalled(Lag(0, 10), now=10_000.0)
    assert not dog.stalled(Lag(1, 10), now=10_050.0)


def test_commits_of_the_group_are_progress() -> None:
    dog = watchdog()
    assert not dog.stalled(Lag(5, 11), now=500.0)


def test_a_beat_is_progress() -> None:
    dog = watchdog()
    dog.beat(100.0)
    assert not dog.stalled(Lag(5, 10), now=160.0)
    assert dog.stalled(Lag(5, 10), now=160.1)


def test_an_outage_of_kafka_is_no_stall() -> None:
    dog = watchdog()
    assert not dog.stalled(None, now=500.0)
    assert not dog.stalled(Lag(5, 10), now=555.0)
    assert dog.stalled(Lag(5, 10), now=561.0)


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
        watch(Watchdog(LIMIT, now=0.0), measure, limit_seconds=0.06)
        assert twice.wait(5)
    assert str(error) in caplog.text
