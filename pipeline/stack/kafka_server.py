"""Kafka as one process that is broker and controller."""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from string import Template

from pipeline.errors import ServiceUnavailable
from pipeline.stack import distribution as distributions
from pipeline.stack.server import Launch

_ANSWER_SECONDS = 2.0
_METADATA = 3  # API key of Kafka's protocol
_CORRELATION = 0x6E657773  # comes back in the answer of whatever speaks Kafka
_BROKER_MINIMUM_SESSION_MS = 6000  # Kafka's own default


@dataclass(frozen=True)
class KafkaServer:
    """A broker on 127.0.0.1:``port``."""

    data_dir: Path
    port: int
    controller_port: int
    heap: str
    max_message_bytes: int
    session_timeout_seconds: float
    name: str = "kafka"

    @property
    def version(self) -> str:
        """As the pom names it."""
        return distributions.version("kafka")

    @property
    def ports(self) -> tuple[int, ...]:
        """Clients, controller."""
        return (self.port, self.controller_port)

    @property
    def _properties_file(self) -> Path:
        return self.data_dir / "server.properties"

    def properties(self) -> str:
        """The text of server.properties."""
        session_ms = int(self.session_timeout_seconds * 1000)
        template = Template((distributions.sources() / "kafka/server.properties").read_text())
        return template.substitute(
            data=_escape(self.data_dir / "data"),
            port=self.port,
            controller_port=self.controller_port,
            max_message_bytes=self.max_message_bytes,
            min_session_timeout_ms=min(session_ms, _BROKER_MINIMUM_SESSION_MS),
        )

    def prepare(self, launch: Launch) -> None:
        """Write server.properties; format the log folder the first time."""
        self._properties_file.write_text(self.properties())
        if not (self.data_dir / "data" / "meta.properties").exists():
            self._format(launch)

    def _format(self, launch: Launch) -> None:
        command = [*self._java(launch), "kafka.tools.StorageTool", "format"]
        command += ["-t", new_cluster_id(), "-c", str(self._properties_file)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            lines = answer.stderr.strip().splitlines() or ["no message"]
            raise ServiceUnavailable(f"Kafka could not format {self.data_dir}: {lines[-1]}")

    def command(self, launch: Launch) -> list[str]:
        """The broker's command line."""
        java = self._java(launch)
        return [*java, "kafka.Kafka", str(self._properties_file)]

    def _java(self, launch: Launch) -> list[str]:
        return [
            launch.jdk.tool("java"),
            f"-Xmx{self.heap}",
            *launch.options,
            f"-Dlog4j2.configurationFile={distributions.sources() / 'log4j2.properties'}",
            "-cp",
            f"{launch.distribution.kafka}/*",
        ]

    def answers(self) -> bool:
        """Whether it names itself as a broker of its cluster."""
        return broker_count("127.0.0.1", self.port) > 0

    def ready(self) -> bool:
        """The broker lists itself only after it has caught up and been unfenced."""
        return self.answers()


def new_cluster_id() -> str:
    """A random id in Kafka's form: 16 bytes in URL-safe base64, never with a leading dash."""
    while True:
        identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not identity.startswith("-"):
            return identity


def _escape(path: Path) -> str:
    """For a Java properties file, where a backslash starts an escape."""
    return str(path).replace("\\", "\\\\")


def broker_count(host: str, port: int) -> int:
    """How many brokers the one at ``port`` knows; 0 if nothing there speaks Kafka.

    Metadata request, version 1, for no topic (Kafka protocol guide).
    """
    client = b"status"
    body = (
        struct.pack(">hhih", _METADATA, 1, _CORRELATION, len(client))
        + client
        + struct.pack(">i", 0)
    )
    try:
        with socket.create_connection((host, port), timeout=_ANSWER_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            with connection.makefile("rb") as answer:
                head = answer.read(12)
    except OSError:
        return 0
    if len(head) < 12:
        return 0
    _length, correlation, brokers = struct.unpack(">iii", head)
    return int(brokers) if correlation == _CORRELATION else 0
