"""CloudEvents 1.0 headers in Kafka's binary mode, and the trace that a message belongs to.

Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.2: attributes are headers prefixed
``ce_``. W3C Trace Context names its header ``traceparent``, in any protocol.
"""

from __future__ import annotations

from datetime import datetime

from pipeline.telemetry.trace import TraceContext

SOURCE = "/news-pipeline"

Headers = tuple[tuple[str, bytes], ...]


def cloud_event(
    *, event_id: str, event_type: str, time: datetime, trace: TraceContext | None = None
) -> Headers:
    """The headers of one message; ``event_type`` is the topic's name, which carries the version,
    ``trace`` the span that sends it, where it belongs to an article."""
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", event_type.encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_time", time.isoformat().encode()),
        ("content-type", b"application/json"),
    )
    return headers if trace is None else (*headers, trace.header())
