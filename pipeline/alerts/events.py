"""What is told of a search itself, on the same way as its finds: pure."""

from __future__ import annotations

from datetime import datetime

from pipeline.alerts.match import alert_id, cut
from pipeline.records import Alert, SavedSearch
from pipeline.records.alert import MAX_TITLE_CHARS, Event

SOURCE = "news-pipeline"


def refused(search: SavedSearch, why: str, since: datetime, now: datetime) -> Alert:
    """That it has not been asked ``since`` then, and will be told of all that it misses."""
    title = f"The saved search {search.name} cannot be asked"
    text = f"{why}. What it misses is told once it works again; change it with --replace."
    return _event(search, "refused", title, text, since, now)


def resumed(search: SavedSearch, since: datetime, now: datetime) -> Alert:
    """That it has been asked about all that it missed."""
    title = f"The saved search {search.name} works again"
    text = f"It could not be asked since {since:%Y-%m-%d %H:%M} UTC, and has missed nothing."
    return _event(search, "resumed", title, text, since, now)


def _event(
    search: SavedSearch, event: Event, title: str, text: str, since: datetime, now: datetime
) -> Alert:
    """The same for the same failure, whoever tells it: it is told once."""
    made = alert_id(search.id, f"{event}\n{since.isoformat()}")
    return Alert(
        id=made,
        search_id=search.id,
        search_name=search.name,
        about=search.about,
        article_id=made,
        revision=1,
        title=cut(title, MAX_TITLE_CHARS),
        url=None,
        source=SOURCE,
        published_at=None,
        indexed_at=now,
        snippet=cut(text),
        event=event,
    )
