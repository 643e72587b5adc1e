"""The ids by which dashboards, searches and maps are found again, and the links between them."""

from __future__ import annotations

from pipeline.kibana.dashboards import Text

NEWS_OVERVIEW = "news-pipeline-overview"
WHO_SAID_WHAT = "news-pipeline-who-said-what"
ENTITIES_AND_PLACES = "news-pipeline-entities-and-places"
FEED_HEALTH = "news-pipeline-feed-health"
PIPELINE_HEALTH = "news-pipeline-pipeline-health"

TITLES = {
    NEWS_OVERVIEW: "News overview",
    WHO_SAID_WHAT: "Who said what",
    ENTITIES_AND_PLACES: "Entities and places",
    FEED_HEALTH: "Feed health",
    PIPELINE_HEALTH: "Pipeline health",
}
"""In the order in which they are linked."""

LATEST_ARTICLES = "news-pipeline-latest-articles"
LATEST_STATEMENTS = "news-pipeline-latest-statements"
PLACES = "news-pipeline-places"


def links(here: str, hint: str) -> Text:
    """The first panel of a dashboard: where the others are, and how to read this one."""
    linked = (
        f"**{title}**" if name == here else f"[{title}](#/view/{name})"
        for name, title in TITLES.items()
    )
    return Text("Dashboards", f"{' · '.join(linked)}\n\n{hint}")
