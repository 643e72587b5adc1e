"""What a poll may take, and the account of it."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.work import HOUR, PollWork, opened, over_budget, took_long
from pipeline.records import FeedWork
from tests.fakes.feeds import MORNING, a_subscription, feed_settings

BEFORE = FeedWork(since=MORNING, seconds=120.0, is_slow=True, put_off=3, reason="late")


def a_work(before: FeedWork | None = None, **changes: object) -> PollWork:
    return PollWork(a_subscription(), before, feed_settings(**changes).feeds, MORNING)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(minutes=59)])
def test_polls_of_one_hour_have_one_account(after: timedelta) -> None:
    assert opened(BEFORE, MORNING + after) == BEFORE


@pytest.mark.parametrize("after", [HOUR, timedelta(days=400), -timedelta(seconds=1)])
def test_a_new_hour_and_a_clock_that_was_set_back_begin_a_new_account(after: timedelta) -> None:
    account = opened(BEFORE, MORNING + after)
    assert (account.since, account.seconds) == (MORNING + after, 0.0)
    assert (account.is_slow, account.put_off) == (True, 3)


def test_a_feed_that_took_its_seconds_is_refused_more_by_the_name_of_the_setting() -> None:
    assert over_budget(BEFORE, 120.5) is None
    reason = over_budget(BEFORE, 120)
    assert reason is not None
    assert "120 s since 08:00" in reason
    assert "feeds.work_seconds_per_hour" in reason


@pytest.mark.parametrize(
    ("seconds", "documents", "slow"),
    [
        (9.9, 1, False),  # too little to tell
        (10.1, 1, True),
        (60, 30, True),
        (60, 31, False),  # many documents, each in good time
    ],
)
def test_a_feed_is_slow_by_the_mean_of_its_documents(
    seconds: float, documents: int, slow: bool
) -> None:
    assert took_long(seconds, documents, timeout=30) is slow


async def test_the_account_grows_with_what_is_timed_even_where_it_fails() -> None:
    work = a_work(BEFORE)
    with suppress(RuntimeError), work.timed():
        await asyncio.sleep(0.02)
        raise RuntimeError
    assert 120.02 <= work.account.seconds < 121


async def test_a_slow_feed_stays_slow_until_enough_of_its_documents_came_in_time() -> None:
    work = a_work(BEFORE, timeout_seconds=0.06)
    with work.timed():
        pass
    assert work.account.is_slow
    with work.timed(documents=10):
        await asyncio.sleep(0.03)
    assert not work.account.is_slow


async def test_the_deadline_is_one_for_all_that_is_done_in_time() -> None:
    work = a_work(poll_timeout_seconds=0.1)
    for _ in range(2):
        async with work.in_time():
            await asyncio.sleep(0.01)
    with pytest.raises(FetchFailed, match=r"0\.1 s of a poll \(feeds\.poll_timeout_seconds\)"):
        async with work.in_time():
            await asyncio.sleep(10)
