"""Whether the HTTP API answers."""

from __future__ import annotations

import http.client
import time

_PATH = "/api/v1/openapi.json"
_TIMEOUT_SECONDS = 1.0


def answers(port: int) -> bool:
    """Whether ``serve`` answers within a second."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", _PATH)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class FirstAnswer:
    """How long after ``since`` (monotonic) the API answered first: asked until it does."""

    def __init__(self, port: int, since: float) -> None:
        self._port = port
        self._since = since
        self._seconds: float | None = None

    def seconds(self) -> float | None:
        """None while it has not."""
        if self._seconds is None and answers(self._port):
            self._seconds = time.monotonic() - self._since
        return self._seconds
