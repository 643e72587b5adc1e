"""What a line tells of itself while it runs: metrics, log lines and traces, on real servers."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from pipeline.kafka.ports import Message
from pipeline.settings import Settings
from pipeline.telemetry.endpoint import Process, port_of
from pipeline.telemetry.trace import in_headers
from tests.fakes.collector import collector
from tests.reading import read_messages
from tests.running import running
from tests.stacks import free_ports, updated
from tests.waiting import eventually


def told(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text: str = answer.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return ""
    return text


def value(port: int, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", told(port), flags=re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def answers(url: str) -> bool:
    """Whether a server is there, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except urllib.error.HTTPError as refusal:
        refusal.close()
    except OSError:
        return False
    return True


def final(port: int) -> Counter[str]:
    """How many articles ended in which status."""
    found = re.findall(r'^news_articles_total{status="([\w-]+)"} (\S+)$', told(port), re.MULTILINE)
    return Counter({status: int(float(count)) for status, count in found})


def article_lines(line: Settings) -> list[dict[str, Any]]:
    lines = []
    for name in ("feeds", "enrich", "index"):
        log = line.data_dir / "logs" / f"{name}.log"
        lines += [json.loads(each) for each in log.read_text().splitlines() if each[0] == "{"]
    return [each for each in lines if each["logger"] == "pipeline.articles"]


def traces(messages: Sequence[Message]) -> Counter[str]:
    found = [in_headers(message.headers) for message in messages]
    assert all(found)
    return Counter(each.trace_id for each in found if each is not None)


def test_a_line_tells_what_it_does_in_metrics_lines_and_traces(line: Settings) -> None:
    trace_service = pytest.importorskip(
        "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
        reason="the extra tracing is missing",
    )
    with collector() as (endpoint, taken):
        chosen = updated(
            line,
            {
                "metrics": {"port": free_ports(1)[0]},
                "logs": {"format": "json"},
                "tracing": {"endpoint": endpoint},
                "health": {"interval_seconds": 1.0},
                "feeds": {"revisit_hours": ()},
            },
        )
        index, feeds, enrich, alert, web = (
            port_of(each, chosen.metrics.port)
            for each in (
                Process.INDEX, Process.FEEDS, Process.ENRICH, Process.ALERT, Process.SERVE
            )
        )  # fmt: skip
        with running(chosen, "run"):
            published = partial(value, feeds, 'news_entries_total{outcome="published"}')
            assert eventually(lambda: 0 < published() == sum(final(index).values()), 120)
            assert value(index, 'news_searchable_seconds_count{since="seen"}') > 0
            assert value(enrich, 'news_batch_seconds_count{stage="enrich"}') > 0
            assert eventually(lambda: value(feeds, 'news_feeds{health="fine"}')) >= 1
            assert eventually(lambda: f'topic="{chosen.topics.enriched}"}} 0.0' in told(index))
            notices = len(read_messages(chosen, chosen.topics.indexed))
            asked = partial(value, alert, 'news_batch_messages_sum{stage="alert"}')
            assert eventually(lambda: 0 < notices == asked())
            assert eventually(lambda: value(alert, 'news_in_flight{stage="alert"}') == 0)
            assert eventually(lambda: answers(f"http://{chosen.api.listen}/articles/nothing"))
            route = '{method="GET",route="/articles/{article_id}",status="422"}'
            assert value(web, f"news_http_request_seconds_count{route}") == 1
            statuses = final(index)
    began = traces(read_messages(chosen, chosen.topics.articles))
    assert traces(read_messages(chosen, chosen.topics.enriched)) == began
    lines = [each for each in article_lines(chosen) if each["trace_id"] in began]
    assert Counter(each["status"] for each in lines) == statuses
    indexed = [each for each in lines if each["status"] == "indexed"]
    assert all(each["index"].startswith(chosen.index.articles) for each in indexed)
    spans = [
        span
        for _, body in taken
        for resource in trace_service.ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
        if span.trace_id.hex() in began
    ]
    stations = ("feeds", "enrich", "index")
    named = Counter(span.name for span in spans)
    assert named == {**dict.fromkeys(stations, statuses.total()), "alert": notices}
    ids = {span.span_id for span in spans}
    assert all(span.parent_span_id in ids for span in spans if span.name != "feeds")
