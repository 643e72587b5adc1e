"""The end of a process: in order when it is told to, at once when it is told again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.ending import Told, descendants
from tests.running import lives
from tests.waiting import eventually

ENDS_SECONDS = 5.0

# Starts a child in a session of its own, which starts one too, and then does what is asked for.
SCRIPT = """
import asyncio, subprocess, sys, threading, time
from pipeline import ending
from pipeline.agents.worker import stop_on_signals

def child():
    stubborn = "trap '' TERM INT; sleep 61 & wait; sleep 62"
    subprocess.Popen(["sh", "-c", stubborn], start_new_session=True)
    print("ready", flush=True)

async def loop_that_is_stuck():
    stop_on_signals(asyncio.Event())
    child()
    time.sleep(60)

async def thread_that_is_joined():
    stop = asyncio.Event()
    stop_on_signals(stop)
    child()
    hanging = asyncio.create_task(asyncio.to_thread(time.sleep, 60))
    await stop.wait()

async def clean_up_that_hangs():
    stop = asyncio.Event()
    stop_on_signals(stop)
    child()
    await stop.wait()
    await asyncio.Event().wait()

async def too_little_time():
    stop = asyncio.Event()
    ending.on_first_signal(lambda: None, 1.0)
    child()
    await stop.wait()

def lock_for_ever():
    from pipeline.cli.signals import stop_event
    with stop_event():
        child()
        while True:
            threading.Lock().acquire(timeout=60)

what = globals()[sys.argv[1]]
asyncio.run(what()) if asyncio.iscoroutinefunction(what) else what()
"""


@contextmanager
def started(what: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, what],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert eventually(lambda: len(descendants(process.pid)) == 2, 5)
        try:
            yield process, descendants(process.pid)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    "what",
    ["loop_that_is_stuck", "thread_that_is_joined", "clean_up_that_hangs", "lock_for_ever"],
)
def test_the_second_signal_ends_all_of_it_within_seconds(what: str, number: signal.Signals) -> None:
    with started(what) as (process, others):
        process.send_signal(number)
        time.sleep(0.7)
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(ENDS_SECONDS) == 128 + number
        assert eventually(lambda: not any(map(lives, others)), 5)


def test_an_end_in_order_has_its_time_and_no_more() -> None:
    with started("too_little_time") as (process, others):
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS_SECONDS) == 128 + signal.SIGTERM
        assert eventually(lambda: not any(map(lives, others)), 5)
        assert process.stderr is not None
        assert "takes too long" in process.stderr.read()


def test_signals_of_the_same_moment_are_one() -> None:
    told = Told()
    assert not told.again(signal.SIGTERM, 10.0)
    assert not told.again(signal.SIGINT, 10.4)
    assert told.again(signal.SIGINT, 10.6)


def test_time_is_counted_from_the_first_signal_where_there_is_a_limit() -> None:
    told = Told()
    told.seconds = 5.0
    assert told.left(100.0) is None
    told.again(signal.SIGTERM, 10.0)
    assert told.left(12.0) == 3.0
    assert told.left(16.0) == 0.0
    told.seconds = None
    assert told.left(16.0) is None
