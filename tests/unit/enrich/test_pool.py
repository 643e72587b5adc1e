"""The pool of model processes, with real processes and an annotator that fails on demand."""

import asyncio
import contextlib
import os
import signal
import time

import pytest

from pipeline.enrich import ModelPool, TextInput
from pipeline.errors import Rejected, ServiceUnavailable
from pipeline.metrics import POOL_RESTARTS, REUSED
from pipeline.records import Annotations
from tests.fakes.annotators import MarkedAnnotator, ProcessIdAnnotator, broken_factory


@contextlib.asynccontextmanager
async def running_pool(**options):
    settings = {"processes": 2, "factory": MarkedAnnotator, "text_timeout": 2.0} | options
    pool = ModelPool({"en": "model"}, **settings)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


def texts(*words: str) -> list[TextInput]:
    return [TextInput(word) for word in words]


def named(outcome) -> str:
    """What the fake found, or the reason it was refused."""
    if isinstance(outcome, Rejected):
        return str(outcome.reason)
    assert isinstance(outcome, Annotations)
    return outcome.entities[0].name


def deaths(cause: str) -> float:
    return POOL_RESTARTS.labels(cause=cause)._value.get()


def reused() -> float:
    return REUSED._value.get()


async def process_ids(pool: ModelPool) -> set[int]:
    found = set()
    while len(found) < 2:
        answers = await pool.annotate(texts(*(f"{n} {time.monotonic()}" for n in range(8))))
        found |= {int(answer.detail) for answer in answers}
    return found


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_outcomes_come_in_the_order_of_the_texts():
    words = [f"word{number}" for number in range(50)]
    async with running_pool() as pool:
        assert [named(outcome) for outcome in await pool.annotate(texts(*words))] == words


async def test_a_text_that_kills_its_process_costs_only_itself():
    async with running_pool() as pool:
        before = deaths("crash")
        outcomes = await pool.annotate(texts("one", "two", "crash", "three", "four"))
        assert [named(outcome) for outcome in outcomes] == [
            "one", "two", "nlp-crash", "three", "four",
        ]  # fmt: skip
        assert deaths("crash") == before + 2  # once with its neighbours, once alone


async def test_a_text_that_hangs_is_given_up_within_twice_its_limit():
    async with running_pool(text_timeout=1.0) as pool:
        started = time.monotonic()
        outcomes = await pool.annotate(texts("one", "hang", "two"))
        assert [named(outcome) for outcome in outcomes] == ["one", "nlp-timeout", "two"]
        assert time.monotonic() - started < 20


async def test_an_annotator_that_raises_is_no_dead_process():
    async with running_pool() as pool:
        before = deaths("crash")
        outcomes = await pool.annotate(texts("one", "raise", "rejected"))
        assert [named(outcome) for outcome in outcomes][1:] == ["nlp-error", "nlp-error"]
        assert deaths("crash") == before


async def test_idle_processes_that_were_killed_are_replaced_and_cost_no_text():
    async with running_pool(factory=ProcessIdAnnotator) as pool:
        for _ in range(3):
            for process in await process_ids(pool):
                os.kill(process, signal.SIGKILL)
            await asyncio.sleep(0.5)
            outcomes = await pool.annotate(texts("a", "b", "c"))
            assert all(outcome.detail.isdigit() for outcome in outcomes)


async def test_close_leaves_no_process_behind():
    async with running_pool(factory=ProcessIdAnnotator) as pool:
        processes = await process_ids(pool)
    assert not any(is_alive(process) for process in processes)


async def test_processes_are_replaced_after_their_share_of_texts():
    async with running_pool(factory=ProcessIdAnnotator, texts_per_process=8) as pool:
        first = await process_ids(pool)
        later = await process_ids(pool)
    assert not first & later


async def test_equal_texts_are_annotated_once_and_remembered():
    async with running_pool() as pool:
        before = reused()
        await pool.annotate(texts("same", "same", "other"))
        assert reused() == before + 1
        assert [named(o) for o in await pool.annotate(texts("other", "same"))] == ["other", "same"]
        assert reused() == before + 3


async def test_a_rejected_text_is_not_remembered():
    async with running_pool() as pool:
        before = reused()
        await pool.annotate(texts("rejected"))
        await pool.annotate(texts("rejected"))
        assert reused() == before


async def test_a_model_that_cannot_be_loaded_is_an_error_at_start():
    pool = ModelPool({"en": "model"}, processes=1, factory=broken_factory)
    with pytest.raises(ServiceUnavailable, match="does not start"):
        await pool.start()


async def test_several_calls_at_once_share_the_processes():
    async with running_pool() as pool:
        calls = [pool.annotate(texts(f"a{n}", "crash", f"b{n}")) for n in range(3)]
        for number, outcomes in enumerate(await asyncio.gather(*calls)):
            assert [named(o) for o in outcomes] == [f"a{number}", "nlp-crash", f"b{number}"]


async def test_no_texts_need_no_process():
    async with running_pool() as pool:
        assert await pool.annotate([]) == []
