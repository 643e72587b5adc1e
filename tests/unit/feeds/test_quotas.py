"""What one feed may take in an hour and in a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.feeds.quotas import (
    DAY,
    HOUR,
    Quotas,
    no_article,
    no_page,
    no_site,
    opened,
    quotas_of,
)
from pipeline.records import FeedWork
from tests.fakes.feeds import MORNING, feed_settings

BEFORE = FeedWork(
    since=MORNING,
    seconds=120.0,
    pages=7,
    sites=3,
    day=MORNING - timedelta(hours=3),
    articles=11,
    is_slow=True,
    put_off=3,
    reason="late",
)
ROOMY = Quotas(seconds=1e9, pages=10**9, sites=10**9, articles=10**9)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(minutes=59)])
def test_polls_of_one_hour_have_one_account(after: timedelta) -> None:
    assert opened(BEFORE, MORNING + after) == BEFORE


@pytest.mark.parametrize("after", [HOUR, timedelta(days=400), -timedelta(seconds=1)])
def test_a_new_hour_and_a_clock_that_was_set_back_begin_a_new_account(after: timedelta) -> None:
    account = opened(BEFORE, MORNING + after)
    assert (account.since, account.seconds) == (MORNING + after, 0.0)
    assert (account.pages, account.sites) == (0, 0)
    assert (account.is_slow, account.put_off) == (True, 3)


def test_articles_are_counted_by_the_day() -> None:
    assert opened(BEFORE, MORNING + HOUR).articles == 11
    for after in (DAY, -timedelta(hours=4)):
        account = opened(BEFORE, MORNING + after)
        assert (account.day, account.articles) == (MORNING + after, 0)


def test_what_is_refused_says_which_setting_and_since_when() -> None:
    for reason, setting in (
        (no_page(BEFORE, ROOMY._replace(seconds=120)), "120 s since 08:00, and may take 120 s"),
        (no_page(BEFORE, ROOMY._replace(seconds=120)), "feeds.work_seconds_per_hour"),
        (no_page(BEFORE, ROOMY._replace(pages=7)), "feeds.pages_per_hour"),
        (no_site(BEFORE, ROOMY._replace(sites=3)), "feeds.sites_per_hour"),
        (no_article(BEFORE, ROOMY._replace(articles=11)), "feeds.articles_per_day"),
    ):
        assert reason is not None
        assert setting in reason
    for decide in (no_page, no_site, no_article):
        assert decide(BEFORE, ROOMY) is None


def test_a_subscription_multiplies_its_quotas() -> None:
    feeds = feed_settings().feeds
    assert quotas_of(feeds, 2.0) == Quotas(*(2 * each for each in quotas_of(feeds, 1.0)))
