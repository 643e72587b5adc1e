"""What a process does first of all: it sets up its log, and serves its metrics."""

from __future__ import annotations

from pipeline.settings import Settings
from pipeline.telemetry.endpoint import Process, serve_metrics
from pipeline.telemetry.logs import log_to_stderr


def observe(settings: Settings, process: Process) -> None:
    """Log to stderr and serve metrics, as the settings say, until the process ends."""
    log_to_stderr(settings.logs)
    serve_metrics(settings.metrics, process)
