"""What a process does first of all: it sets up its log, and serves its metrics."""

from __future__ import annotations

import logging

from pipeline.settings import Settings
from pipeline.telemetry.endpoint import Process, serve_metrics
from pipeline.telemetry.logs import log_to_stderr


def observe(settings: Settings, process: Process, level: int = logging.INFO) -> None:
    """Log to stderr from ``level`` on and serve metrics, as the settings say, until the process
    ends."""
    log_to_stderr(settings.logs, level)
    serve_metrics(settings.metrics, process)
