"""deploy/grafana/news-pipeline.json: the dashboard of the line, made from the few lines below.

``python -m tests.pages.grafana`` writes it; a test tells when it is out of date, and another that
every metric and label in it exists.
"""

from __future__ import annotations

import json
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


PANELS = [
    Panel(
        "Messages not yet read",
        "short",
        {
            "{{group}}, {{topic}}": "max by (group, topic) (news_consumer_lag_messages)",
        },
        "The lag of each station. The back-fill waits behind live news.",
    ),
    Panel("Articles by final status", "ops", {"{{status}}": rate("news_articles_total", "status")}),
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
        "Entries of feeds and files", "ops", {"{{outcome}}": rate("news_entries_total", "outcome")}
    ),
    Panel("Polls", "ops", {"{{outcome}}": rate("news_feeds_polled_total", "outcome")}),
    Panel("Feeds by health", "short", {"{{health}}": "sum by (health) (news_feeds)"}),
    Panel(
        "Dead letters",
        "ops",
        {"{{stage}}: {{reason}}": rate("news_dead_letters_total", "stage, reason")},
    ),
    Panel("Bulk operations", "ops", {"{{outcome}}": rate("news_bulk_items_total", "outcome")}),
    Panel(
        "Outages: repeated tries",
        "ops",
        {"{{service}}": rate("news_outage_retries_total", "service")},
    ),
    Panel(
        "A batch takes (19 of 20)",
        "s",
        {
            "{{stage}}": quantile(0.95, "news_batch_seconds", by="stage"),
            "a poll": quantile(0.95, "news_poll_seconds"),
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
            "without the model": "sum(rate(news_annotations_reused_total[$__rate_interval]))",
        },
    ),
    Panel(
        "Processes lost",
        "short",
        {
            "model: {{cause}}": "sum by (cause) (increase(news_nlp_pool_deaths_total[1h]))",
            "parser: {{cause}}": "sum by (cause) (increase(news_parser_failures_total[1h]))",
        },
        "In the last hour.",
    ),
    Panel("Visits for corrections", "ops", {"{{outcome}}": rate("news_revisits_total", "outcome")}),
]


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
        "panels": [_panel(place, each) for place, each in enumerate(PANELS)],
    }


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    width = 24 // _COLUMNS
    row, column = divmod(place, _COLUMNS)
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": {"x": column * width, "y": row * _HEIGHT, "w": width, "h": _HEIGHT},
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
