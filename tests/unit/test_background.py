"""Calls beside the event loop: whoever waits may leave, and nothing is left behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from pipeline.background import in_background
from tests.waiting import eventually


async def test_the_result_and_the_error_of_a_call_are_those_of_the_wait() -> None:
    assert await in_background(lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        await in_background(lambda: 1 // 0)


@pytest.mark.parametrize("released_first", [True, False])
async def test_what_comes_too_late_is_disposed_of_once(*, released_first: bool) -> None:
    release, disposed = threading.Event(), []

    def call() -> str:
        release.wait()
        return "late"

    waiting = asyncio.create_task(in_background(call, disposed.append))
    await asyncio.sleep(0.05)
    if released_first:
        release.set()
        time.sleep(0.05)  # noqa: ASYNC251 (the loop is not to hear of it before it is cancelled)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    assert await asyncio.to_thread(eventually, lambda: disposed == ["late"], 5)


async def test_a_hundred_calls_that_hang_leave_a_thread_for_others() -> None:
    release = threading.Event()
    hanging = [asyncio.create_task(in_background(release.wait)) for _ in range(100)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(in_background(lambda: 1), 5) == 1
    release.set()
    await asyncio.gather(*hanging)


def test_a_process_ends_while_a_call_hangs() -> None:
    script = """
import asyncio, time
from pipeline.background import in_background
async def main():
    try:
        await asyncio.wait_for(in_background(lambda: time.sleep(60)), 0.1)
    except TimeoutError:
        print("left")
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )
    assert (done.stdout, done.stderr) == ("left\n", "")
