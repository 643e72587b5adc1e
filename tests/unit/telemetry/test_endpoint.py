"""The metrics of a process, asked for as Prometheus does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter

from pipeline.runner.counts import COUNTS_VARIABLE
from pipeline.settings import MetricsSettings
from pipeline.telemetry.endpoint import Process, port_of, serve_metrics
from tests.stacks import free_ports


def told(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("news_things", "Things.", registry=registry).inc(3)
    return registry


@pytest.fixture
def settings() -> MetricsSettings:
    return MetricsSettings(listen="127.0.0.1", port=free_ports(1)[0])


def test_a_process_serves_its_metrics_at_the_port_of_its_kind(
    registry: CollectorRegistry, settings: MetricsSettings
) -> None:
    server = serve_metrics(settings, Process.INDEX, registry)
    assert server is not None
    try:
        assert "news_things_total 3.0" in told(settings.port + 2)
    finally:
        server.shutdown()
        server.server_close()


def test_no_two_kinds_of_processes_share_a_port() -> None:
    assert [port_of(each, 18090) for each in Process] == list(range(18090, 18096))


def test_without_a_port_nothing_is_served(registry: CollectorRegistry) -> None:
    off = MetricsSettings(listen="127.0.0.1", port=0)
    assert serve_metrics(off, Process.FEEDS, registry) is None


def test_a_port_that_is_taken_is_told_and_holds_up_nothing(
    registry: CollectorRegistry, settings: MetricsSettings, caplog: pytest.LogCaptureFixture
) -> None:
    first = serve_metrics(settings, Process.FEEDS, registry)
    assert first is not None
    try:
        with caplog.at_level(logging.WARNING):
            assert serve_metrics(settings, Process.FEEDS, registry) is None
    finally:
        first.shutdown()
        first.server_close()
    assert f"port {settings.port}" in caplog.text


SCRIPT = """
from pipeline import metrics
from pipeline.settings import MetricsSettings
from pipeline.telemetry.endpoint import Process, serve_metrics
metrics.ARTICLES.labels("indexed").inc(3)
metrics.LAG.labels("g", "t").set(7)
metrics.FEEDS.labels("fine").set(2)
metrics.BATCH_SECONDS.labels("index").observe(0.2)
serve_metrics(MetricsSettings(listen="127.0.0.1", port={port}), Process.FEEDS)
print(flush=True)
input()
"""


def test_processes_that_share_a_folder_of_counts_serve_each_its_own(tmp_path: Path) -> None:
    environment = {**os.environ, COUNTS_VARIABLE: str(tmp_path)}
    ports = free_ports(2)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(port=port)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for port in ports
    ]
    try:
        for process, port in zip(processes, ports, strict=True):
            assert process.stdout is not None
            process.stdout.readline()
            text = told(port)
            assert 'news_articles_total{status="indexed"} 3.0' in text
            assert 'news_consumer_lag_messages{group="g",topic="t"} 7.0' in text
            assert 'news_feeds{health="fine"} 2.0' in text
            assert 'news_batch_seconds_count{stage="index"} 1.0' in text
    finally:
        for process in processes:
            process.communicate(b"\n", timeout=30)
