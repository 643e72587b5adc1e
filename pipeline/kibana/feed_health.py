"""Feed health: which feeds bring articles, how late, and which do not answer."""

from __future__ import annotations

from pipeline.feeds.status import Health
from pipeline.health.documents import NO_REASON, POLLS
from pipeline.index import fields
from pipeline.kibana import ids
from pipeline.kibana.charts import Chart, heat, lines_or_bars, number, table
from pipeline.kibana.columns import (
    Column,
    as_duration,
    average,
    distinct,
    highest,
    latest,
    median,
    over_time,
    percentile,
    records,
    top,
    total,
)
from pipeline.kibana.dashboards import Control, Dashboard, Row, beside
from pipeline.kibana.kql import both, equals, exists, without
from pipeline.kibana.views import Views

_POLLS = equals(fields.DATASET, POLLS)
_FAILED = equals(fields.FEED_OUTCOME, "failed")

_HINT = (
    "From polls of the feeds, one document each, and from the articles they led to. A feed that is"
    " not polled in the time shown does not appear: each is at least every six hours, one that is"
    " gone once a week. The same as it is now: `pipeline feeds status`."
)


def feed_health(views: Views) -> Dashboard:
    """The dashboard."""
    return Dashboard(
        id=ids.FEED_HEALTH,
        title=ids.TITLES[ids.FEED_HEALTH],
        description="Which feeds bring articles, how late, and which do not answer.",
        since="now-7d",
        controls=(Control(fields.FEED, "Feed", views.health),),
        rows=(
            beside(6, ids.links(ids.FEED_HEALTH, _HINT)),
            _numbers(views),
            _polls(views),
            beside(16, _feeds(views)),
            _articles(views),
            _lateness(views),
        ),
    )


def _numbers(views: Views) -> Row:
    health = views.health

    def feeds_that_were(state: Health) -> Column:
        label = f"Feeds that were {state}"
        return distinct(fields.FEED, label, only=equals(fields.FEED_HEALTH, state))

    return beside(
        6,
        number("Feeds polled", health, distinct(fields.FEED, "Feeds polled"), only=_POLLS),
        number("Failing", health, feeds_that_were(Health.FAILING), only=_POLLS),
        number("Waiting for pages", health, feeds_that_were(Health.WAITING), only=_POLLS),
        number("Gone", health, feeds_that_were(Health.GONE), only=_POLLS),
        number("Polls", health, records("Polls"), only=_POLLS),
        number("Articles published", health, total(fields.FEED_PUBLISHED, "Articles"), only=_POLLS),
    )


def _polls(views: Views) -> Row:
    health = views.health
    outcomes = lines_or_bars(
        "Polls by outcome",
        health,
        over_time(),
        records("Polls"),
        series="bar_stacked",
        split=top(fields.FEED_OUTCOME, 3, "Outcome"),
        only=_POLLS,
    )
    reasons = lines_or_bars(
        "Why polls failed",
        health,
        top(fields.FEED_REASON, 10, "Reason"),
        records("Polls"),
        series="bar_horizontal",
        only=both(_POLLS, without(equals(fields.FEED_REASON, NO_REASON))),
    )
    when = heat(
        "Feeds that failed, and when",
        health,
        top(fields.FEED, 20, "Feed"),
        over_time(),
        records("Failed polls"),
        only=both(_POLLS, _FAILED),
    )
    return beside(14, outcomes, reasons, when)


def _feeds(views: Views) -> Chart:
    """How each feed is: the newest value stands for the state, by way of an order by time."""
    last_poll = latest(fields.TIMESTAMP, "Last poll")
    return table(
        "How each feed is",
        views.health,
        (
            top(fields.FEED, 200, "Feed", ranked_by=1),
            top(fields.FEED_HEALTH, 1, "Health", ranked_by=0),
            top(fields.FEED_REASON, 1, "Reason", ranked_by=0),
        ),
        (
            last_poll,
            highest(fields.FEED_FAILURES, "Failures in a row, at most"),
            highest(fields.FEED_WAITING, "Pages waited for, at most"),
            total(fields.FEED_PUBLISHED, "Articles published"),
            average(fields.FEED_NEW_PER_DAY, "New a day, about"),
            latest(fields.FEED_NEXT_POLL, "Next poll"),
        ),
        only=_POLLS,
    )


def _articles(views: Views) -> Row:
    articles = views.articles
    from_feeds = exists(fields.FEED)
    over = lines_or_bars(
        "Articles over time by feed",
        articles,
        over_time(fields.FIRST_SEEN, "First seen"),
        records("Articles"),
        series="bar_stacked",
        split=top(fields.FEED, 10, "Feed", others=True),
        only=from_feeds,
    )
    last = table(
        "Last article of each feed",
        articles,
        (top(fields.FEED, 200, "Feed"),),
        (
            records("Articles"),
            latest(fields.FIRST_SEEN, "Last seen"),
            latest(fields.PUBLISHED, "Last published"),
            records("Without statements for a reason", only=exists(fields.NOT_ANNOTATED)),
        ),
        only=from_feeds,
    )
    return Row(15, ((28, over), (20, last)))


def _lateness(views: Views) -> Row:
    articles = views.articles
    from_feeds = exists(fields.FEED)
    over = lines_or_bars(
        "Time from published to first seen",
        articles,
        over_time(fields.FIRST_SEEN, "First seen"),
        as_duration(median(fields.SECONDS_TO_SEE, "Half are seen in")),
        as_duration(percentile(fields.SECONDS_TO_SEE, 90, "90 % are seen in")),
        series="line",
        only=from_feeds,
    )
    slowest = lines_or_bars(
        "Time from published to first seen by feed",
        articles,
        top(fields.FEED, 15, "Feed"),
        as_duration(median(fields.SECONDS_TO_SEE, "Half are seen in")),
        series="bar_horizontal",
        only=from_feeds,
    )
    return beside(13, over, slowest)
