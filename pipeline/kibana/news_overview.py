"""News overview: what was published, by whom, and whom it is about."""

from __future__ import annotations

from pipeline.index import fields
from pipeline.kibana import ids
from pipeline.kibana.charts import Chart, cloud, donut, heat, lines_or_bars, number, table
from pipeline.kibana.columns import distinct, groups, latest, over_time, records, top, total
from pipeline.kibana.dashboards import Control, Dashboard, Row, beside
from pipeline.kibana.kql import exists, without
from pipeline.kibana.searches import Search
from pipeline.kibana.views import Views

PERSONS = fields.entities_of("PERSON")
ORGANISATIONS = fields.entities_of("ORG")

_HINT = (
    "Articles by the time they were published, or first seen where that is not known. A story is"
    " an article with its copies, equal or near."
)


def latest_articles(views: Views) -> Search:
    """Articles as a list to read."""
    return Search(
        id=ids.LATEST_ARTICLES,
        title="Latest articles",
        view=views.articles,
        columns=(fields.TITLE, fields.SOURCE, fields.LANGUAGE, fields.SPEAKERS, fields.URL),
    )


def news_overview(views: Views) -> Dashboard:
    """The dashboard."""
    articles = views.articles
    return Dashboard(
        id=ids.NEWS_OVERVIEW,
        title=ids.TITLES[ids.NEWS_OVERVIEW],
        description="What was published, where, and whom it is about.",
        since="now-7d",
        controls=(
            Control(fields.SOURCE, "Source", articles),
            Control(fields.LANGUAGE, "Language", articles),
            Control(fields.SPEAKERS, "Speaker", articles),
        ),
        rows=(
            beside(5, ids.links(ids.NEWS_OVERVIEW, _HINT)),
            _numbers(views),
            _volume(views),
            _names(views),
            _stories(views),
            beside(20, latest_articles(views)),
        ),
    )


def _numbers(views: Views) -> Row:
    articles = views.articles
    return beside(
        6,
        number("Articles", articles, records("Articles")),
        number("Stories", articles, distinct(fields.STORY, "Stories")),
        number("Sources", articles, distinct(fields.SOURCE, "Sources")),
        number("Statements", articles, total(fields.STATEMENT_COUNT, "Statements")),
        number("People quoted", articles, distinct(fields.SPEAKERS, "People quoted")),
        number("People named", articles, distinct(PERSONS, "People named")),
    )


def _volume(views: Views) -> Row:
    articles = views.articles
    by_source = lines_or_bars(
        "Articles over time by source",
        articles,
        over_time(),
        records("Articles"),
        series="bar_stacked",
        split=top(fields.SOURCE, 8, "Source", others=True),
    )
    languages = donut(
        "Languages", articles, top(fields.LANGUAGE, 6, "Language", others=True), records("Articles")
    )
    return Row(13, ((32, by_source), (16, languages)))


def _names(views: Views) -> Row:
    articles = views.articles
    return beside(
        14,
        _ranking("People in most articles", views, PERSONS, "Person"),
        _ranking("Organisations in most articles", views, ORGANISATIONS, "Organisation"),
        cloud("Roles", articles, top(fields.ROLES, 40, "Role"), records("Articles")),
    )


def _ranking(title: str, views: Views, field: str, label: str) -> Chart:
    return lines_or_bars(
        title, views.articles, top(field, 12, label), records("Articles"), series="bar_horizontal"
    )


def _stories(views: Views) -> Row:
    articles = views.articles
    copies = lines_or_bars(
        "First reports and copies",
        articles,
        over_time(),
        records("Articles"),
        series="bar_percentage_stacked",
        split=groups(
            "Report",
            {
                "first report": without(exists(fields.COPY_OF)),
                "copy": exists(fields.COPY_OF),
            },
        ),
    )
    sources = table(
        "Sources in numbers",
        articles,
        (top(fields.SOURCE, 50, "Source"),),
        (
            records("Articles"),
            distinct(fields.STORY, "Stories"),
            records("Copies", only=exists(fields.COPY_OF)),
            total(fields.STATEMENT_COUNT, "Statements"),
            latest(fields.FIRST_SEEN, "Last seen"),
        ),
    )
    who_where = heat(
        "People by source",
        articles,
        top(PERSONS, 10, "Person"),
        top(fields.SOURCE, 10, "Source"),
        records("Articles"),
    )
    return beside(14, copies, sources, who_where)
