"""A server of the local stack that is a small Python program: quick to start, easy to break."""

from __future__ import annotations

import http.client
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.stack.server import Launch

SERVE = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@dataclass(frozen=True)
class FakeServer:
    """Serves HTTP on ``port``, unless ``program`` does something else."""

    data_dir: Path
    port: int
    program: str = SERVE
    name: str = "fake"
    version: str = "1"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port,)

    def prepare(self, launch: Launch) -> None:
        (self.data_dir / "prepared").touch()

    def command(self, launch: Launch) -> list[str]:
        return [sys.executable, "-c", self.program, str(self.port)]

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def ready(self) -> bool:
        return self.answers()
