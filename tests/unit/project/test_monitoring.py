"""What watches the line speaks of what exists: rules, dashboard, scrape targets, documentation."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from pipeline import resources
from pipeline.telemetry.endpoint import Process, port_of
from tests.pages import grafana, metrics

ROOT = resources.root()
PROMETHEUS = ROOT / "deploy" / "prometheus"
CONFIG: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
RULES = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads(grafana.PAGE.read_text())
OPERATIONS = metrics.PAGE.read_text("utf-8")

_OF_PROMETHEUS = {"le", "instance", "job"}
_DEFINED = metrics.defined()


def queries() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [*(rule["expr"] for rule in RULES), *panels]


def metric_of(series: str) -> str:
    """The name of the metric that a series belongs to, such as that of a histogram's bucket."""
    return series if series in _DEFINED else re.sub(r"_(bucket|sum|count)$", "", series)


def selected(query: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each of our series that a query names, and what its labels have to match."""
    for series, braces in re.findall(r"\b(news_\w+)(?:{([^}]*)})?", query):
        yield metric_of(series), dict(re.findall(r'(\w+)=~?"([^"]*)"', braces))


def grouped(query: str) -> set[str]:
    found = re.findall(r"\b(?:by|on) \(([^)]*)\)", query)
    return {label.strip() for labels in found for label in labels.split(",")}


@pytest.mark.parametrize("query", queries())
def test_a_query_names_metrics_labels_and_values_that_exist(query: str) -> None:
    known: set[str] = set()
    for name, matched in selected(query):
        assert name in _DEFINED
        metric = _DEFINED[name]
        assert matched.keys() <= set(metrics.labels(metric))
        for value in "|".join(matched.values()).split("|"):
            assert value in metric._documentation
        known |= set(metrics.labels(metric))
    assert known or 'up{job="news-pipeline"}' in query or "reused" in query
    assert grouped(query) <= known | _OF_PROMETHEUS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["annotations"].keys() == {"summary", "action"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert f"| `{rule['alert']}` |" in OPERATIONS
    named = re.findall(r"\bnews_\w+", " ".join(rule["annotations"].values()))
    assert {metric_of(each) for each in named} <= _DEFINED.keys()
    for section, field in re.findall(r"\b(enrich|topics)\.(\w+)", rule["annotations"]["action"]):
        assert field in tomllib.loads((ROOT / "config/default.toml").read_text())[section]


def test_an_alert_that_another_one_speaks_of_exists() -> None:
    names = {rule["alert"] for rule in RULES}
    for rule in RULES:
        assert set(re.findall(r"\bNews[A-Z]\w+", str(rule["annotations"]))) <= names


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {name for query in queries() for name, _ in selected(query)}
    assert _DEFINED.keys() - shown == {"news_feeds_not_due_total"}


def test_the_dashboard_and_the_table_of_metrics_are_up_to_date() -> None:
    assert grafana.PAGE.read_text() == grafana.page(), "python -m tests.pages.grafana"
    assert metrics.page() == OPERATIONS, "python -m tests.pages.metrics"


def test_panels_have_places_of_their_own() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert {len(target["refId"]) for p in DASHBOARD["panels"] for target in p["targets"]} == {1}


def test_prometheus_asks_each_station_of_compose_where_it_serves() -> None:
    (job,) = CONFIG["scrape_configs"]
    asked = {found["names"][0]: found["port"] for found in job["dns_sd_configs"]}
    for name, port in asked.items():
        environment = COMPOSE["services"][name]["environment"]
        assert environment["PIPELINE_METRICS__LISTEN"] == "0.0.0.0"
        assert port == port_of(Process(name), int(environment["PIPELINE_METRICS__PORT"]))
    assert asked.keys() == {"feeds", "enrich", "index"}
    assert CONFIG["rule_files"] == ["alerts.yml"]


def test_monitoring_is_started_only_when_asked_for() -> None:
    profiles = {
        name: service.get("profiles")
        for name, service in COMPOSE["services"].items()
        if "profiles" in service
    }
    assert profiles == {"prometheus": ["monitoring"], "grafana": ["monitoring"]}


def test_what_grafana_and_prometheus_mount_is_there() -> None:
    for name in ("prometheus", "grafana"):
        for volume in COMPOSE["services"][name]["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith(".") or (ROOT / "deploy" / source).exists(), source
    provisioning = ROOT / "deploy" / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    assert source["url"] == "http://prometheus:9090"


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not on the PATH (Debian: prometheus)"
)
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", str(PROMETHEUS / "alerts.yml")),
        ("check", "config", str(PROMETHEUS / "prometheus.yml")),
        ("test", "rules", str(ROOT / "tests/unit/project/alerts_test.yml")),
    ],
    ids=" ".join,
)
def test_prometheus_itself_accepts_the_rules_and_fires_them(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
