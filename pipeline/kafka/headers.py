"""CloudEvents 1.0 headers in Kafka's binary mode.

Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.2: attributes are headers prefixed
``ce_``.
"""

from __future__ import annotations

from datetime import datetime

SOURCE = "/news-pipeline"

Headers = tuple[tuple[str, bytes], ...]


def cloud_event(*, event_id: str, event_type: str, time: datetime) -> Headers:
    """The headers of one message; ``event_type`` is the topic's name, which carries the version."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", event_type.encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_time", time.isoformat().encode()),
        ("content-type", b"application/json"),
    )
