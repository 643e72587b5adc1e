"""A real Kafka that listens in all four ways: unsecured, for the broker itself, and secured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion
from pydantic import SecretStr

from pipeline.settings import Settings
from pipeline.stack import distribution, processes, starting
from pipeline.stack.jdk import find_jdk
from pipeline.stack.kafka_server import KafkaServer
from pipeline.stack.server import Launch
from tests.certificates import Authority, Identity
from tests.stacks import free_ports, updated

USER, PASSWORD = "reader", "correct horse, battery = staple"
GUEST = "guest"
"""Logs in with the same password, and may do nothing."""

PROTOCOLS = ("SASL_PLAINTEXT", "SASL_SSL", "SSL")
HOST = "127.0.0.1"

_PROPERTIES = Template((Path(__file__).parent / "secure.properties").read_text())
_STOP_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class SecureServer(KafkaServer):
    """The server of the local stack with more listeners."""

    addresses: Mapping[str, str]
    identity: Identity
    authority: Authority

    def properties(self) -> str:
        return super().properties() + _PROPERTIES.substitute(
            port=self.port,
            controller_port=self.controller_port,
            secure=",".join(f"{name}://{address}" for name, address in self.addresses.items()),
            keystore=self.identity.both,
            truststore=self.authority.file,
            user=USER,
            password=PASSWORD,
        )


class SecureKafka:
    """How to reach a running :class:`SecureServer`."""

    def __init__(self, server: SecureServer) -> None:
        self._addresses = server.addresses
        self.unsecured = f"{HOST}:{server.port}"
        self.authority = server.authority
        self.user = self.authority.identity(USER)

    def address(self, protocol: str) -> str:
        """``host:port`` of a listener."""
        return self._addresses[protocol]

    def settings(self, line: Settings, protocol: str, **changes: Any) -> Settings:
        """``line`` on this server with what ``protocol`` needs, and then ``changes``."""
        needed: dict[str, Any] = {"security_protocol": protocol}
        if "SSL" in protocol:
            needed |= {"ssl_cafile": self.authority.file}
        if "SASL" in protocol:
            needed |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_username": USER,
                "sasl_password": SecretStr(PASSWORD),
            }
        if protocol == "SSL":
            needed |= {"ssl_certfile": self.user.certificate, "ssl_keyfile": self.user.key}
        address = {"bootstrap_servers": self.address(protocol)}
        return updated(line, {"kafka": needed | address | changes})


@contextmanager
def secure_kafka(chosen: Settings) -> Iterator[SecureKafka]:
    """Start one with its data in ``chosen.data_dir``, and stop it."""
    server = _server(chosen)
    folder = chosen.data_dir
    files = starting.Files(folder / "pid", folder / "kafka.log", folder / "kafka.out")
    jdk = find_jdk()
    launch = Launch(distribution.fetch(chosen.servers_dir, jdk, print), jdk, files.log)
    try:
        starting.start_all([(server, launch, files)], 120.0, print)
        add_users(f"{HOST}:{server.port}", USER, GUEST)
        yield SecureKafka(server)
    finally:
        process = processes.recall(files.pid)
        if process is not None:
            processes.stop(process, patience_seconds=_STOP_SECONDS)


def _server(chosen: Settings) -> SecureServer:
    port, controller_port, *secure = free_ports(2 + len(PROTOCOLS))
    authority = Authority(chosen.data_dir / "certificates")
    return SecureServer(
        data_dir=chosen.data_dir / "kafka",
        port=port,
        controller_port=controller_port,
        heap=chosen.local.kafka_heap,
        max_message_bytes=chosen.kafka.max_message_bytes,
        session_timeout_seconds=chosen.workers.session_timeout_seconds,
        addresses={name: f"{HOST}:{port}" for name, port in zip(PROTOCOLS, secure, strict=True)},
        identity=authority.identity(HOST),
        authority=authority,
    )


def add_users(address: str, *users: str) -> None:
    """Let these log in with the password of all, at the unsecured ``address`` of the broker."""
    admin = KafkaAdminClient(bootstrap_servers=[address])
    try:
        admin.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, PASSWORD)
                for user in users
            ]
        )
    finally:
        admin.close()
