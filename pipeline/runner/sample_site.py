"""The sample feed as a web site on loopback: real HTTP, with conditional GET."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pipeline.errors import MissingPrerequisite

_LOOPBACK = "127.0.0.1"


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing: the feed consumer counts its requests itself."""


@contextmanager
def sample_site(folder: Path, port: int) -> Iterator[str]:
    """Serve ``folder`` for the time of the context; yields the site's address.

    Raises MissingPrerequisite when the port is taken.
    """
    try:
        server = ThreadingHTTPServer((_LOOPBACK, port), partial(_QuietHandler, directory=folder))
    except OSError as error:
        raise MissingPrerequisite(
            f"port {port} for the sample feed is taken; choose another with "
            "PIPELINE_SAMPLE__PORT, or leave it out with PIPELINE_SAMPLE__ENABLED=false"
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="sample-site", daemon=True)
    thread.start()
    try:
        yield f"http://{_LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
