"""How much one feed may take of us in an hour or a day: decided from its account. Pure.

What is beyond a quota waits for a later poll and is said in the feed's status; it is never another
feed's loss. Quotas are there for feeds without measure: an agency publishes a few thousand articles
a day, and most sites a few dozen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.records import FeedWork
from pipeline.settings import FeedSettings

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Quotas(NamedTuple):
    """Seconds of fetching and reading, pages, and other sites they are at, in an hour; articles in
    a day."""

    seconds: float
    pages: int
    sites: int
    articles: int


def quotas_of(settings: FeedSettings, factor: float) -> Quotas:
    """Those of a feed whose subscription multiplies them by ``factor``."""
    return Quotas(
        seconds=settings.work_seconds_per_hour * factor,
        pages=round(settings.pages_per_hour * factor),
        sites=round(settings.sites_per_hour * factor),
        articles=round(settings.articles_per_day * factor),
    )


def opened(before: FeedWork | None, now: datetime) -> FeedWork:
    """The account of a poll that begins: that of the hour and the day under way, or of new ones."""
    account = before or FeedWork(since=now)
    if not timedelta(0) <= now - account.since < HOUR:
        account = replace(account, since=now, seconds=0.0, pages=0, sites=0)
    if account.day is None or not timedelta(0) <= now - account.day < DAY:
        account = replace(account, day=now, articles=0)
    return account


def no_page(work: FeedWork, quotas: Quotas) -> str | None:
    """Why no more pages are read for a feed, for people; None where some may be."""
    since = f"since {work.since:%H:%M}"
    if work.seconds >= quotas.seconds:
        return (
            f"its documents took {work.seconds:.0f} s {since}, and may take "
            f"{quotas.seconds:g} s an hour (feeds.work_seconds_per_hour)"
        )
    if work.pages >= quotas.pages:
        return f"{work.pages} of its pages were read {since} (feeds.pages_per_hour)"
    return None


def no_site(work: FeedWork, quotas: Quotas) -> str | None:
    """Why no page of one more site is read for a feed."""
    if work.sites < quotas.sites:
        return None
    return f"it led to {work.sites} sites since {work.since:%H:%M} (feeds.sites_per_hour)"


def no_article(work: FeedWork, quotas: Quotas) -> str | None:
    """Why nothing more of a feed is published."""
    if work.day is None or work.articles < quotas.articles:
        return None
    return (
        f"it gave {work.articles} articles since {work.day:%d %b, %H:%M} (feeds.articles_per_day)"
    )
