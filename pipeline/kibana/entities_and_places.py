"""Entities and places: who and what the news is about, and where that is."""

from __future__ import annotations

from pipeline.index import fields
from pipeline.kibana import ids
from pipeline.kibana.charts import Chart, cloud, heat, lines_or_bars, number, table
from pipeline.kibana.columns import distinct, latest, over_time, records, top
from pipeline.kibana.dashboards import Control, Dashboard, Row, beside
from pipeline.kibana.kql import exists
from pipeline.kibana.maps import Map
from pipeline.kibana.views import Views

_PERSONS = fields.entities_of("PERSON")
_ORGANISATIONS = fields.entities_of("ORG")
_STATES_AND_TOWNS = fields.entities_of("GPE")
_LANDSCAPES = fields.entities_of("LOC")
_BUILDINGS = fields.entities_of("FAC")
_PEOPLES = fields.entities_of("NORP")
_EVENTS = fields.entities_of("EVENT")
_LAWS = fields.entities_of("LAW")

_HINT = (
    "Entities are counted by the articles that name them. The map shows the places that the"
    " gazetteer knows; zoom in for the articles."
)


def places(views: Views) -> Map:
    """Where the articles play."""
    return Map(
        id=ids.PLACES,
        title="Places in the news",
        view=views.articles,
        point=fields.LOCATIONS,
        shown=(fields.TITLE, fields.SOURCE, fields.TIMESTAMP, fields.URL),
    )


def entities_and_places(views: Views) -> Dashboard:
    """The dashboard."""
    articles = views.articles
    return Dashboard(
        id=ids.ENTITIES_AND_PLACES,
        title=ids.TITLES[ids.ENTITIES_AND_PLACES],
        description="Who and what the news is about, and where.",
        since="now-7d",
        controls=(
            Control(_PERSONS, "Person", articles),
            Control(_ORGANISATIONS, "Organisation", articles),
            Control(_STATES_AND_TOWNS, "State or town", articles),
            Control(fields.SOURCE, "Source", articles),
            Control(fields.LANGUAGE, "Language", articles),
        ),
        rows=(
            beside(5, ids.links(ids.ENTITIES_AND_PLACES, _HINT)),
            Row(24, ((34, places(views)), (14, _ranking("States and towns", views)))),
            _numbers(views),
            _rise_and_fall(views),
            _together(views),
            _others(views),
        ),
    )


def _ranking(title: str, views: Views) -> Chart:
    return lines_or_bars(
        title,
        views.articles,
        top(_STATES_AND_TOWNS, 20, "State or town"),
        records("Articles"),
        series="bar_horizontal",
    )


def _numbers(views: Views) -> Row:
    articles = views.articles
    return beside(
        6,
        number("People", articles, distinct(_PERSONS, "People")),
        number("Organisations", articles, distinct(_ORGANISATIONS, "Organisations")),
        number("States, towns", articles, distinct(_STATES_AND_TOWNS, "States and towns")),
        number("On the map", articles, records("Articles on the map", exists(fields.LOCATIONS))),
    )


def _rise_and_fall(views: Views) -> Row:
    return beside(
        13,
        _trend("People over time", views, _PERSONS, "Person"),
        _trend("Organisations over time", views, _ORGANISATIONS, "Organisation"),
        _trend("States and towns over time", views, _STATES_AND_TOWNS, "State or town"),
    )


def _trend(title: str, views: Views, field: str, label: str) -> Chart:
    return lines_or_bars(
        title,
        views.articles,
        over_time(),
        records("Articles"),
        series="line",
        split=top(field, 6, label),
    )


def _together(views: Views) -> Row:
    articles = views.articles
    people_and_places = heat(
        "People and places in the same article",
        articles,
        top(_PERSONS, 12, "Person"),
        top(_STATES_AND_TOWNS, 12, "State or town"),
        records("Articles"),
    )
    people_and_organisations = heat(
        "People and organisations in the same article",
        articles,
        top(_PERSONS, 12, "Person"),
        top(_ORGANISATIONS, 12, "Organisation"),
        records("Articles"),
    )
    return beside(16, people_and_places, people_and_organisations)


def _others(views: Views) -> Row:
    articles = views.articles
    return beside(
        13,
        cloud(
            "Peoples, parties, religions", articles, top(_PEOPLES, 40, "Name"), records("Number")
        ),
        _list("Events", views, _EVENTS),
        _list("Laws", views, _LAWS),
        _list("Landscapes and seas", views, _LANDSCAPES),
        _list("Buildings and roads", views, _BUILDINGS),
        cloud("Speakers", articles, top(fields.SPEAKERS, 40, "Name"), records("Number")),
    )


def _list(title: str, views: Views, field: str) -> Chart:
    return table(
        title,
        views.articles,
        (top(field, 20, "Name"),),
        (records("Articles"), latest(fields.TIMESTAMP, "Latest")),
    )
