"""Pipeline health: what waits, what became of each article, what went wrong, how long it takes."""

from __future__ import annotations

from pipeline.health.documents import COUNTS, LAGS
from pipeline.index import fields
from pipeline.kibana import ids
from pipeline.kibana.charts import Chart, donut, lines_or_bars, number, table
from pipeline.kibana.columns import (
    as_duration,
    average,
    highest,
    latest,
    median,
    over_time,
    percentile,
    records,
    top,
    total,
)
from pipeline.kibana.dashboards import Dashboard, Row, beside
from pipeline.kibana.kql import both, equals, exists
from pipeline.kibana.views import Views

_LAGS = equals(fields.DATASET, LAGS)
_MESSAGES = highest(fields.LAG_MESSAGES, "Messages, at most")
_NUMBER = total(fields.COUNTER_INCREASE, "Number")

_HINT = (
    "What waits before each station, and what each process counted, as they write it themselves"
    " (setting `health.interval_seconds`); below, what the articles tell. A gap means that no"
    " process wrote: the line was down, or could not reach Elasticsearch."
)


def pipeline_health(views: Views) -> Dashboard:
    """The dashboard."""
    return Dashboard(
        id=ids.PIPELINE_HEALTH,
        title=ids.TITLES[ids.PIPELINE_HEALTH],
        description="What waits, what became of each article, what went wrong, how long it takes.",
        since="now-24h",
        rows=(
            beside(6, ids.links(ids.PIPELINE_HEALTH, _HINT)),
            _numbers(views),
            _flow(views),
            _trouble(views),
            _work(views),
            _speed(views),
            _models(views),
        ),
    )


def _counted(counter: str) -> str:
    return both(equals(fields.DATASET, COUNTS), equals(fields.COUNTER, counter))


def _numbers(views: Views) -> Row:
    health = views.health

    def status(name: str) -> str:
        return equals(fields.counter_label("status"), name)

    return beside(
        6,
        *(
            number(
                f"{name.capitalize()} articles",
                health,
                total(fields.COUNTER_INCREASE, f"Articles {name}", only=status(name)),
                only=_counted("news_articles"),
            )
            for name in ("indexed", "unchanged", "duplicate", "dead-lettered")
        ),
    )


def _flow(views: Views) -> Row:
    lag = lines_or_bars(
        "Messages that wait",
        views.health,
        over_time(),
        _MESSAGES,
        series="line",
        split=top(fields.LAG_STATION, 5, "Station"),
        only=_LAGS,
    )
    return beside(14, lag, _over_time(views, "Articles by status", "news_articles", "status"))


def _trouble(views: Views) -> Row:
    reasons = table(
        "Dead letters",
        views.health,
        (
            top(fields.counter_label("stage"), 5, "Stage"),
            top(fields.counter_label("reason"), 20, "Reason"),
        ),
        (_NUMBER, latest(fields.TIMESTAMP, "Latest")),
        only=_counted("news_dead_letters"),
    )
    return beside(
        12,
        reasons,
        _over_time(views, "Tries repeated in an outage", "news_outage_retries", "service"),
        _over_time(views, "Model processes lost", "news_nlp_pool_deaths", "cause"),
    )


def _work(views: Views) -> Row:
    return beside(
        12,
        _over_time(views, "Polls by outcome", "news_feeds_polled", "outcome"),
        _over_time(views, "Feed entries by outcome", "news_entries", "outcome"),
        _over_time(views, "Articles through enrichment", "news_enriched", "outcome"),
        _over_time(views, "Bulk operations by outcome", "news_bulk_items", "outcome"),
    )


def _over_time(views: Views, title: str, counter: str, label: str) -> Chart:
    return lines_or_bars(
        title,
        views.health,
        over_time(),
        _NUMBER,
        series="bar_stacked",
        split=top(fields.counter_label(label), 10, label.capitalize()),
        only=_counted(counter),
    )


def _speed(views: Views) -> Row:
    articles = views.articles
    latency = lines_or_bars(
        "Time from fetched to searchable",
        articles,
        over_time(fields.INGESTED, "Indexed"),
        as_duration(median(fields.SECONDS_TO_INDEX, "Half are searchable in")),
        as_duration(percentile(fields.SECONDS_TO_INDEX, 95, "95 % are searchable in")),
        series="line",
        # The pages of an archive were fetched long ago, and come from no feed.
        only=exists(fields.FEED),
    )
    statements = lines_or_bars(
        "Statements in an article, on average",
        articles,
        over_time(fields.INGESTED, "Indexed"),
        average(fields.STATEMENT_COUNT, "Statements"),
        series="line",
        split=top(fields.LANGUAGE, 4, "Language"),
    )
    return beside(13, latency, statements)


def _models(views: Views) -> Row:
    articles = views.articles
    why = donut(
        "Why articles were not annotated",
        articles,
        top(fields.NOT_ANNOTATED, 6, "Reason"),
        records("Articles"),
        only=exists(fields.NOT_ANNOTATED),
    )
    without_annotations = lines_or_bars(
        "Articles that were not annotated, by source",
        articles,
        top(fields.SOURCE, 12, "Source"),
        records("Articles"),
        series="bar_horizontal",
        only=exists(fields.NOT_ANNOTATED),
    )
    versions = table(
        "Models",
        articles,
        (top(fields.MODEL_NAME, 10, "Model"), top(fields.MODEL_VERSION, 10, "Version")),
        (
            records("Articles"),
            total(fields.STATEMENT_COUNT, "Statements"),
            records("Cut short", only=equals(fields.TRUNCATED, value=True)),
            latest(fields.ENRICHED, "Latest"),
        ),
    )
    return beside(13, why, without_annotations, versions)
