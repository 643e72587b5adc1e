"""All that is imported into Kibana, made from the settings alone."""

from __future__ import annotations

from pipeline.kibana.dashboards import Dashboard
from pipeline.kibana.entities_and_places import entities_and_places, places
from pipeline.kibana.feed_health import feed_health
from pipeline.kibana.maps import Map
from pipeline.kibana.news_overview import latest_articles, news_overview
from pipeline.kibana.pipeline_health import pipeline_health
from pipeline.kibana.saved_objects import SavedObject, to_ndjson
from pipeline.kibana.searches import Search
from pipeline.kibana.views import DataView, views
from pipeline.kibana.who_said_what import latest_statements, who_said_what
from pipeline.settings import IndexSettings

Part = DataView | Search | Map | Dashboard


def saved_objects(settings: IndexSettings) -> tuple[SavedObject, ...]:
    """Data views, searches, maps and dashboards, each after those that it refers to."""
    found = views(settings)
    searches = (latest_articles(found), latest_statements(found))
    dashboards = (
        news_overview(found),
        who_said_what(found),
        entities_and_places(found),
        feed_health(found),
        pipeline_health(found),
    )
    parts: tuple[Part, ...] = (*found.all(), *searches, places(found), *dashboards)
    return tuple(part.saved_object() for part in parts)


def ndjson(settings: IndexSettings) -> bytes:
    """The file for the import."""
    return to_ndjson(saved_objects(settings))
