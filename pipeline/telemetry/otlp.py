"""Spans to an OpenTelemetry collector by OTLP over HTTP; needs the extra ``tracing``.

Ids come from the headers of messages, not from the library: a trace is whole also where only some
of its processes export. A thread sends; while the collector is away, the oldest spans are lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from pipeline.records import Stage
from pipeline.telemetry.spans import Span

_SENDING_SECONDS = 3.0  # for one request and its repetitions: so long a stop may take for each
_KEPT = 8_192


def to_collector(endpoint: str) -> SpanProcessor:
    """What sends to the collector at ``endpoint``, such as http://127.0.0.1:4318."""
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=_SENDING_SECONDS)
    return BatchSpanProcessor(exporter, max_queue_size=_KEPT)


class OtlpExporter:
    """A :class:`pipeline.telemetry.spans.SpanExporter` for one process, named ``station``."""

    def __init__(self, processor: SpanProcessor, station: str) -> None:
        self._processor = processor
        self._resource = Resource.create(
            {"service.namespace": "news-pipeline", "service.name": f"news-pipeline-{station}"}
        )

    def __call__(self, spans: Sequence[Span], /) -> None:
        """Queue them."""
        for span in spans:
            self._processor.on_end(self._readable(span))

    def close(self) -> None:
        """Send what is queued, for some seconds."""
        self._processor.shutdown()

    def _readable(self, span: Span) -> ReadableSpan:
        context = span.context
        parent = context.parent_id
        return ReadableSpan(
            name=span.name,
            context=_context(context.trace_id, context.span_id, is_remote=False),
            parent=_context(context.trace_id, parent, is_remote=True) if parent else None,
            resource=self._resource,
            attributes=span.attributes,
            kind=SpanKind.PRODUCER if span.name == Stage.FEEDS else SpanKind.CONSUMER,
            status=Status(StatusCode.ERROR, span.failed) if span.failed else Status(),
            start_time=span.start,
            end_time=span.end,
        )


def _context(trace_id: str, span_id: str, *, is_remote: bool) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote, flags)


def open_exporter(endpoint: str, station: str) -> OtlpExporter:
    """One that sends to the collector at ``endpoint``."""
    return OtlpExporter(to_collector(endpoint), station)
