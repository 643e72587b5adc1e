"""What watches the line speaks of what exists: rules, dashboard, scrape targets, documentation."""

from __future__ import annotations

import json
import logging
import re
import shutil
import subprocess
from typing import Any

import pytest
import typer.main
import yaml

from pipeline import resources
from pipeline.cli.app import app
from pipeline.index.latency import latencies
from pipeline.metrics import FEEDS_NOT_DUE
from pipeline.records import Reason, Stage, dead_letter
from pipeline.settings import Settings
from pipeline.telemetry.articles import log_dead_letter, log_outcome
from pipeline.telemetry.endpoint import Process, port_of
from pipeline.telemetry.logs import ARTICLES, JsonFormatter
from pipeline.telemetry.trace import TraceContext
from tests import promql
from tests.fakes.records import NOW, an_enriched_article
from tests.pages import grafana, operations
from tests.promql import alternatives

ROOT = resources.root()
PROMETHEUS = ROOT / "deploy" / "prometheus"
CONFIG: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
CASES = ROOT / "tests" / "unit" / "project" / "alerts_test.yml"
(JOB,) = CONFIG["scrape_configs"]
RULES = operations.rules()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads(grafana.PAGE.read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
OPERATIONS = operations.PAGE.read_text("utf-8")
STATIONS = {"feeds", "enrich", "index", "alert", "web"}

_DEFINED = operations.defined()
_OF_TARGETS = {"job", "instance", "process"}
# What Prometheus knows of a target, and what its client tells of every process.
_OF_OTHERS = {"up", "process_start_time_seconds"}
_PARTS = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
_BY_SERIES = {
    f"{name}{part}": metric for name, metric in _DEFINED.items() for part in _PARTS[metric._type]
}
_OF_CHANGES = {"rate", "increase"}


def queries() -> list[str]:
    panels = [target["expr"] for panel in PANELS for target in panel["targets"]]
    return [*(rule["expr"] for rule in RULES), *panels]


def labels_of(series: str) -> set[str]:
    """The labels that a series can have. Raises KeyError for one that nobody has."""
    if series in _OF_OTHERS:
        return _OF_TARGETS
    bucket = {"le"} if series.endswith("_bucket") else set()
    return {*operations.labels(_BY_SERIES[series]), *_OF_TARGETS, *bucket}


@pytest.mark.parametrize("query", queries())
def test_a_query_names_series_labels_and_values_that_exist(query: str) -> None:
    asked = promql.read(query)
    assert asked.series
    for series in asked.series:
        assert series.matched.keys() <= labels_of(series.name)
        if metric := _BY_SERIES.get(series.name):
            values = {each for found in series.matched.values() for each in alternatives(found)}
            assert all(value in metric._documentation for value in values)
    for grouping in asked.groupings:
        assert all(grouping.labels <= labels_of(name) for name in grouping.series)


@pytest.mark.parametrize("query", queries())
def test_a_query_takes_counters_by_their_change_and_buckets_by_quantile(query: str) -> None:
    for name, _, within in promql.read(query).series:
        metric = _BY_SERIES.get(name)
        changing = metric is not None and metric._type != "gauge"
        assert bool(_OF_CHANGES & set(within)) == changing
        assert ("histogram_quantile" in within) == name.endswith("_bucket")


@pytest.mark.parametrize(
    "query",
    [
        "news_articles",
        "rate(news_articles_total{state='indexed'}[5m])",
        "sum by (source) (rate(news_articles_total[5m]))",
        "news_batch_seconds",
    ],
)
def test_a_query_of_what_does_not_exist_is_found(query: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        test_a_query_names_series_labels_and_values_that_exist(query)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["annotations"].keys() == {"summary", "action"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    named = set(re.findall(r"\bnews_\w+", " ".join(rule["annotations"].values())))
    assert named <= _DEFINED.keys()
    used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
    assert all(used <= labels_of(series.name) for series in promql.read(rule["expr"]).series)
    commands = set(re.findall(r"\bpipeline ([\w-]+)", rule["annotations"]["action"]))
    assert commands <= typer.main.get_command(app).commands.keys()
    for section, field in re.findall(r"\b([a-z]+)\.([a-z_]+)\b", rule["annotations"]["action"]):
        if section in Settings.model_fields:
            model: Any = Settings.model_fields[section].annotation
            assert field in model.model_fields


def test_every_rule_has_a_case_in_which_it_fires() -> None:
    cases = yaml.safe_load(CASES.read_text())["tests"]
    fired = {
        each["alertname"]
        for case in cases
        for each in case["alert_rule_test"]
        if each["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in RULES}


def test_a_route_that_a_rule_leaves_out_is_one() -> None:
    left_out = {
        series.matched["route"]
        for rule in RULES
        for series in promql.read(rule["expr"]).series
        if "route" in series.matched
    }
    routes = (ROOT / "pipeline/web/health_routes.py").read_text()
    assert all(f'@router.get("{route}")' in routes for route in left_out)


def test_an_alert_that_another_one_speaks_of_exists() -> None:
    names = {rule["alert"] for rule in RULES}
    for rule in RULES:
        assert set(re.findall(r"\bNews[A-Z]\w+", str(rule["annotations"]))) <= names


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {
        name
        for panel in PANELS
        for target in panel["targets"]
        for name, _, _ in promql.read(target["expr"]).series
    }
    metrics = {_BY_SERIES[name] for name in shown - _OF_OTHERS}
    assert set(_DEFINED.values()) - metrics == {FEEDS_NOT_DUE}  # told once, by `pipeline run`


def test_the_legend_of_a_panel_names_labels_that_its_query_keeps() -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            kept = {
                label for each in promql.read(target["expr"]).groupings for label in each.labels
            }
            assert named <= kept, panel["title"]


def test_the_dashboard_and_the_tables_of_operations_are_up_to_date() -> None:
    assert grafana.PAGE.read_text() == grafana.page(), "python -m tests.pages.grafana"
    assert operations.page() == OPERATIONS, "python -m tests.pages.operations"


def test_panels_have_places_of_their_own() -> None:
    taken = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)


def test_prometheus_asks_each_process_of_compose_where_it_serves() -> None:
    asked = {found["names"][0]: found["port"] for found in JOB["dns_sd_configs"]}
    for name, port in asked.items():
        service = COMPOSE["services"][name]
        process = Process(service["command"][-1])
        assert service["environment"]["PIPELINE_METRICS__LISTEN"] == "0.0.0.0"
        assert port == port_of(process, int(service["environment"]["PIPELINE_METRICS__PORT"]))
    assert asked.keys() == STATIONS
    assert CONFIG["rule_files"] == ["alerts.yml"]


def test_a_process_whose_container_is_gone_is_missed() -> None:
    (rule,) = (rule for rule in RULES if rule["alert"] == "NewsProcessDown")
    asked = promql.read(rule["expr"]).series
    missed = {each.matched["process"] for each in asked if "absent" in each.within}
    assert missed == STATIONS
    assert {each.matched["job"] for each in asked} == {JOB["job_name"]}


def test_every_field_of_an_article_line_is_explained(caplog: pytest.LogCaptureFixture) -> None:
    enriched = an_enriched_article(feed_id="courier", published_at=NOW)
    trace = TraceContext("ab" * 16, "cd" * 8)
    letter = dead_letter(
        stage=Stage.INDEX,
        reason=Reason.SCHEMA,
        detail="",
        failed_at=NOW,
        payload=b"{}",
        key=b"k",
        topic="t",
        partition=0,
        offset=0,
    )
    seconds = latencies(enriched.article, NOW)
    with caplog.at_level(logging.INFO, ARTICLES):
        log_outcome(enriched, "indexed", index="news", seconds=seconds, trace=trace)
        log_dead_letter(letter, enriched.article, trace)
    written = {name for each in caplog.records for name in json.loads(JsonFormatter().format(each))}
    section = OPERATIONS.partition("<!-- fields -->")[2].partition("<!-- /fields -->")[0]
    explained = {
        name
        for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert explained == written


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
        ("test", "rules", str(CASES)),
    ],
    ids=" ".join,
)
def test_prometheus_itself_accepts_the_rules_and_fires_them(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
