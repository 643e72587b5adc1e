"""What a poll may take, and the account of it."""

import asyncio
from contextlib import suppress

import pytest

from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.work import PollWork, took_long
from pipeline.records import FeedWork
from tests.fakes.feeds import MORNING, a_subscription, feed_settings

BEFORE = FeedWork(since=MORNING, seconds=120.0, is_slow=True, put_off=3, reason="late")


def a_work(before: FeedWork | None = None, **changes: object) -> PollWork:
    return PollWork(a_subscription(), before, feed_settings(**changes).feeds, MORNING)


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


async def test_a_newcomer_counts_as_slow_where_others_are_known() -> None:
    feeds = feed_settings().feeds
    for before, slow in ((None, True), (BEFORE, True), (FeedWork(since=MORNING), False)):
        work = PollWork(a_subscription(), before, feeds, MORNING, newcomers_wait=True)
        assert work.is_slow is slow
    work = a_work(None)
    assert not work.is_slow
    assert not PollWork(a_subscription(), None, feeds, MORNING, newcomers_wait=True).account.is_slow


async def test_pages_and_sites_are_counted_and_bounded() -> None:
    work = a_work(pages_per_hour=4, sites_per_hour=2)
    assert work.page("https://courier.example/1") is None
    assert work.page("https://a.example/1") is None
    assert work.page("https://b.example/1") is None
    refused = work.page("https://c.example/1")
    assert refused is not None
    assert "feeds.sites_per_hour" in refused
    assert work.page("https://a.example/2") is None
    assert "feeds.pages_per_hour" in (work.page("https://courier.example/2") or "")
    assert (work.account.pages, work.account.sites) == (4, 2)


async def test_articles_are_bounded_by_the_day_and_a_feed_may_have_more() -> None:
    work = a_work(articles_per_day=2)
    for _ in range(2):
        assert work.no_article() is None
        work.gave_article()
    assert "feeds.articles_per_day" in (work.no_article() or "")
    feeds = feed_settings(articles_per_day=2).feeds
    more = PollWork(a_subscription(quota_factor=1.5), work.account, feeds, MORNING)
    assert more.no_article() is None
