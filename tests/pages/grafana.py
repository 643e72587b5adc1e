"""deploy/grafana/news-pipeline.json: the dashboard of the line, made from the few lines below.

``python -m tests.pages.grafana`` writes it; a test tells when it is out of date, and another that
every metric and label in it exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from math import ceil
from typing import Any, NamedTuple

from pipeline import resources

PAGE = resources.root() / "deploy" / "grafana" / "news-pipeline.json"
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_COLUMNS, _HEIGHT = 3, 8


class Panel(NamedTuple):
    """A chart: its title, its unit, and queries by the legend of their lines."""

    title: str
    unit: str
    queries: dict[str, str]
    description: str = ""


def rate(metric: str, by: str, match: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{match}[$__rate_interval]))"


def quantile(share: float, metric: str, by: str = "", match: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', labels, match)})"


ROWS = {
    "The line": [
        Panel(
            "Messages not yet read",
            "short",
            {
                "{{group}}, {{topic}}": "max by (group, topic) (news_consumer_lag_messages)",
            },
            "The lag of each station. The back-fill waits behind live news.",
        ),
        Panel(
            "Articles by final status", "ops", {"{{status}}": rate("news_articles_total", "status")}
        ),
        Panel(
            "Searchable after",
            "s",
            {
                "half, since first seen": quantile(
                    0.5, "news_searchable_seconds", match='{since="seen"}'
                ),
                "19 of 20, since first seen": quantile(
                    0.95, "news_searchable_seconds", match='{since="seen"}'
                ),
                "half, since published": quantile(
                    0.5, "news_searchable_seconds", match='{since="published"}'
                ),
            },
            "News only: archives and corrections are left out.",
        ),
        Panel(
            "Dead letters",
            "ops",
            {"{{stage}}: {{reason}}": rate("news_dead_letters_total", "stage, reason")},
        ),
        Panel(
            "Stations that are held",
            "short",
            {"{{stage}}: {{cause}}": "sum by (stage, cause) (news_station_held)"},
            "They wait until what refuses their messages is mended, and lose nothing.",
        ),
        Panel(
            "Outages: repeated tries",
            "ops",
            {"{{service}}": rate("news_outage_retries_total", "service")},
        ),
        Panel(
            "Event loops stand still",
            "s",
            {"{{process}}": "max by (process) (news_event_loop_blocked_seconds)"},
            "The longest time in the last minute.",
        ),
        Panel(
            "Processes that answer",
            "short",
            {"{{process}}": 'sum by (process) (up{job="news-pipeline"})'},
        ),
    ],
    "Feeds": [
        Panel(
            "Entries of feeds and files",
            "ops",
            {"{{outcome}}": rate("news_entries_total", "outcome")},
        ),
        Panel("Polls", "ops", {"{{outcome}}": rate("news_feeds_polled_total", "outcome")}),
        Panel("Feeds by health", "short", {"{{health}}": "sum by (health) (news_feeds)"}),
        Panel(
            "Waiting for a turn",
            "short",
            {"{{turn}}": "sum by (turn) (news_feeds_waiting)"},
            "host: feeds that are due; place: feeds with pages to read; page, parser: pages.",
        ),
        Panel("Beyond a quota", "ops", {"{{quota}}": rate("news_feed_quotas_total", "quota")}),
        Panel(
            "Visits for corrections", "ops", {"{{outcome}}": rate("news_revisits_total", "outcome")}
        ),
    ],
    "Stations": [
        Panel(
            "A batch takes (19 of 20)",
            "s",
            {
                "{{stage}}": quantile(0.95, "news_batch_seconds", by="stage"),
                "a poll": quantile(0.95, "news_poll_seconds"),
                "a poll waits": quantile(0.95, "news_poll_delay_seconds"),
            },
        ),
        Panel(
            "Messages in a batch (mean)",
            "short",
            {
                "{{stage}}": f"{rate('news_batch_messages_sum', 'stage')}"
                f" / {rate('news_batch_messages_count', 'stage')}"
            },
        ),
        Panel("In hand", "short", {"{{stage}}": "sum by (stage) (news_in_flight)"}),
        Panel(
            "Enriched",
            "ops",
            {
                "{{outcome}}": rate("news_enriched_total", "outcome"),
                "cut": "sum(rate(news_annotations_cut_total[5m]))",
                "without the model": "sum(rate(news_annotations_reused_total[$__rate_interval]))",
            },
        ),
        Panel("Bulk operations", "ops", {"{{outcome}}": rate("news_bulk_items_total", "outcome")}),
        Panel(
            "Processes lost",
            "short",
            {
                "model: {{cause}}": "sum by (cause) (increase(news_nlp_pool_deaths_total[1h]))",
                "parser: {{cause}}": "sum by (cause) (increase(news_parser_failures_total[1h]))",
            },
            "In the last hour.",
        ),
    ],
    "Alerts": [
        Panel(
            "Found",
            "ops",
            {
                "{{about}}": rate("news_alerts_total", "about"),
                "searches refused": "sum(rate(news_saved_searches_failed_total[$__rate_interval]))",
            },
        ),
        Panel(
            "Tries to deliver",
            "ops",
            {"{{channel}}: {{outcome}}": rate("news_alert_deliveries_total", "channel, outcome")},
            "What failed is tried again.",
        ),
        Panel(
            "Delivered after (19 of 20)",
            "s",
            {"{{channel}}": quantile(0.95, "news_alert_seconds", by="channel")},
            "Since the article was indexed.",
        ),
    ],
    "Page and API": [
        Panel(
            "Requests by status",
            "reqps",
            {"{{status}}": rate("news_http_request_seconds_count", "status")},
        ),
        Panel(
            "Requests by route",
            "reqps",
            {"{{method}} {{route}}": rate("news_http_request_seconds_count", "method, route")},
        ),
        Panel(
            "Answered after (19 of 20)",
            "s",
            {"{{route}}": quantile(0.95, "news_http_request_seconds", by="route")},
        ),
    ],
}


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": "news-pipeline",
        "title": "News pipeline",
        "tags": ["news-pipeline"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": list(_placed()),
    }


def _placed() -> Iterator[dict[str, Any]]:
    """Each row's title, and its panels below, from left to right."""
    ids, top, width = count(1), 0, 24 // _COLUMNS
    for title, panels in ROWS.items():
        yield _row(next(ids), title, top)
        top += 1
        for place, panel in enumerate(panels):
            down, across = divmod(place, _COLUMNS)
            yield _panel(next(ids), panel, across * width, top + down * _HEIGHT)
        top += ceil(len(panels) / _COLUMNS) * _HEIGHT


def _row(number: int, title: str, top: int) -> dict[str, Any]:
    place = {"x": 0, "y": top, "w": 24, "h": 1}
    return {"id": number, "type": "row", "title": title, "gridPos": place, "panels": []}


def _panel(number: int, panel: Panel, left: int, top: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": {"x": left, "y": top, "w": 24 // _COLUMNS, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {"refId": chr(ord("A") + number), "expr": expr, "legendFormat": legend}
            for number, (legend, expr) in enumerate(panel.queries.items())
        ],
    }


def page() -> str:
    """The file."""
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
