"""Spans as a collector gets them, with the ids of the headers."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import AsyncExitStack

import pytest

from pipeline.settings import TracingSettings
from pipeline.telemetry.spans import Span, Step, Tracer
from pipeline.telemetry.trace import TraceContext
from pipeline.telemetry.tracing import open_tracer
from tests.fakes.collector import collector
from tests.stacks import free_ports

sdk = pytest.importorskip("opentelemetry.sdk.trace.export", reason="the extra tracing is missing")
CHILD = TraceContext("ab" * 16, "12" * 8, parent_id="cd" * 8)


def a_span(**changes: object) -> Span:
    known = {
        "context": CHILD,
        "name": "index",
        "start": 5,
        "end": 9,
        "attributes": {"news.id": "x"},
    }
    return Span(**(known | changes))  # type: ignore[arg-type]


def test_a_span_has_the_ids_that_travelled_in_the_headers() -> None:
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.trace import SpanKind, StatusCode

    from pipeline.telemetry.otlp import OtlpExporter

    memory = InMemorySpanExporter()
    export = OtlpExporter(sdk.SimpleSpanProcessor(memory), "index")
    root = TraceContext("ab" * 16, "cd" * 8)
    export([a_span(), a_span(name="feeds", context=root, failed="schema")])
    child, first = memory.get_finished_spans()
    assert f"{child.context.trace_id:032x}" == "ab" * 16
    assert f"{child.context.span_id:016x}" == "12" * 8
    assert child.parent is not None
    assert f"{child.parent.span_id:016x}" == "cd" * 8
    assert (child.kind, child.status.status_code) == (SpanKind.CONSUMER, StatusCode.UNSET)
    assert (child.start_time, child.end_time) == (5, 9)
    assert child.resource.attributes["service.name"] == "news-pipeline-index"
    assert (first.kind, first.parent) == (SpanKind.PRODUCER, None)
    assert (first.status.status_code, first.status.description) == (StatusCode.ERROR, "schema")


def a_step(tracer: Tracer) -> TraceContext:
    context = tracer.next(None)
    tracer.ended("index", tracer.now(), [Step(context=context, attributes={"news.id": "x"})])
    return context


async def test_a_collector_gets_what_is_sampled_by_the_end_of_the_process() -> None:
    with collector() as (endpoint, taken):
        async with AsyncExitStack() as held:
            settings = TracingSettings(endpoint=endpoint, sample_ratio=1.0)
            context = a_step(open_tracer(settings, "index", held))
    ((path, body),) = taken
    assert path == "/v1/traces"
    assert bytes.fromhex(context.trace_id) in body
    assert b"news-pipeline-index" in body


async def test_nothing_is_sent_where_no_endpoint_is_set_or_nothing_is_sampled() -> None:
    with collector() as (endpoint, taken):
        for chosen in (("", 1.0), (endpoint, 0.0)):
            async with AsyncExitStack() as held:
                settings = TracingSettings(endpoint=chosen[0], sample_ratio=chosen[1])
                a_step(open_tracer(settings, "index", held))
    assert taken == []


SCRIPT = """
import asyncio, logging, sys
from contextlib import AsyncExitStack
sys.modules["opentelemetry.sdk"] = None
from pipeline.settings import TracingSettings
from pipeline.telemetry.tracing import open_tracer
logging.basicConfig()
async def main():
    async with AsyncExitStack() as held:
        settings = TracingSettings(endpoint="http://127.0.0.1:4318", sample_ratio=1.0)
        print(open_tracer(settings, "index", held).next().sampled)
asyncio.run(main())
"""


def test_without_the_packages_the_log_says_what_to_install_and_work_goes_on() -> None:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == "True"
    assert "news-pipeline[tracing]" in told.stderr


async def test_a_collector_that_is_away_does_not_hold_up_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    endpoint = f"http://127.0.0.1:{free_ports(1)[0]}"
    with caplog.at_level(logging.CRITICAL, "opentelemetry"):
        async with AsyncExitStack() as held:
            a_step(open_tracer(TracingSettings(endpoint=endpoint, sample_ratio=1.0), "x", held))
