"""Which spans of a process go where, as the settings and the installed packages say."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from importlib import import_module

from pipeline.settings import TracingSettings
from pipeline.telemetry.spans import Tracer

logger = logging.getLogger(__name__)

_NOT_INSTALLED = (
    "traces are not exported: %s is not installed; pip install 'news-pipeline[tracing]', "
    "or leave [tracing] endpoint empty"
)


def open_tracer(settings: TracingSettings, station: str, held: AsyncExitStack) -> Tracer:
    """The tracer of a process. What it has not sent yet is sent when ``held`` is closed."""
    if not settings.endpoint:
        return Tracer(share=settings.sample_ratio)
    try:
        otlp = import_module("pipeline.telemetry.otlp")
    except ModuleNotFoundError as error:
        logger.warning(_NOT_INSTALLED, error.name)
        return Tracer(share=settings.sample_ratio)
    exporter = otlp.open_exporter(settings.endpoint, station)
    held.push_async_callback(asyncio.to_thread, exporter.close)
    return Tracer(exporter, settings.sample_ratio)
