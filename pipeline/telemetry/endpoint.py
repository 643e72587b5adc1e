"""The metrics of one process over HTTP, in the formats that Prometheus reads.

A thread serves them, so that a process whose event loop hangs still says so. Each process serves
what it counted itself, also where it shares a folder of counts with others: Prometheus adds up, and
tells processes apart that are in trouble. What a process starts to parse or to annotate counts
nothing; whoever gave it the work does.
"""

from __future__ import annotations

import logging
import socket
from enum import StrEnum
from http.server import ThreadingHTTPServer
from threading import Thread

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import MetricsHandler

from pipeline.settings import MetricsSettings

logger = logging.getLogger(__name__)


class Process(StrEnum):
    """The processes that have metrics, in the order of their ports. New ones come last."""

    FEEDS = "feeds"
    ENRICH = "enrich"
    INDEX = "index"
    SERVE = "serve"
    ALERT = "alert"
    INGEST = "ingest"


def port_of(process: Process, first: int) -> int:
    """Where a process serves, ``first`` being the port of the first one."""
    return first + list(Process).index(process)


class _Handler(MetricsHandler):
    timeout = 10  # seconds of silence, after which a client is left


class _Server(ThreadingHTTPServer):
    request_queue_size = 16

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no news."""


class _ServerV6(_Server):
    address_family = socket.AF_INET6


def serve_metrics(
    settings: MetricsSettings, process: Process, registry: CollectorRegistry = REGISTRY
) -> ThreadingHTTPServer | None:
    """Serve until the end of the process, or until the server returned is shut down.

    None where metrics are off, or the port cannot be had: then the log says so.
    """
    if settings.port == 0:
        return None
    port = port_of(process, settings.port)
    kind = _ServerV6 if ":" in settings.listen else _Server
    try:
        server = kind((settings.listen, port), _Handler.factory(registry))
    except OSError as error:
        logger.warning(
            "no metrics at %s port %d (%s); give each process of a kind its own [metrics] port",
            settings.listen, port, error.strerror or error,
        )  # fmt: skip
        return None
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    logger.info("metrics at http://%s:%d/metrics", settings.listen, port)
    return server
