"""Kafka and Elasticsearch, each behind a proxy: the line knows the proxies' addresses alone.

The harness has ways around them (Kafka: a second listener), so that it can look on during a cut.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.settings import Settings
from pipeline.stack import class_data, distribution, processes, starting
from pipeline.stack.elasticsearch_server import ElasticsearchServer
from pipeline.stack.jdk import find_jdk
from pipeline.stack.kafka_server import KafkaServer
from pipeline.stack.server import Launch, Server
from pipeline.stack.starting import Files
from tests.chaos.harness.background import Background
from tests.chaos.harness.disk import Disk, mounted
from tests.chaos.harness.proxy import FAIR, Proxy, Weather
from tests.stacks import free_ports, stack_settings, updated

_START_SECONDS = 120.0
_STOP_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class _ProxiedKafka(KafkaServer):
    """Tells clients the proxy's address, and the harness another one."""

    advertised: int
    direct: int

    def properties(self) -> str:
        """server.properties with a second listener, and the first one advertised elsewhere."""
        text = super().properties()
        plain, controller = f"PLAINTEXT://127.0.0.1:{self.port}", "CONTROLLER://"
        direct = f"DIRECT://127.0.0.1:{self.direct}"
        text = text.replace(
            f"listeners={plain},{controller}", f"listeners={plain},{direct},{controller}"
        )
        text = text.replace(
            f"advertised.listeners={plain}",
            f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.advertised},{direct}",
        )
        text = text.replace("PLAINTEXT:PLAINTEXT\n", "PLAINTEXT:PLAINTEXT,DIRECT:PLAINTEXT\n")
        return text + "inter.broker.listener.name=PLAINTEXT\n"


class Servers:
    """``with Servers(folder, background) as servers``. Methods block until what they say holds."""

    def __init__(self, folder: Path, background: Background, *, small_disks: bool = False) -> None:
        base = stack_settings(folder)
        kafka_proxy, kafka_direct, elasticsearch_proxy = free_ports(3)
        local = base.local
        self.direct = updated(base, {"kafka": {"bootstrap_servers": f"127.0.0.1:{kafka_direct}"}})
        self.settings = updated(
            base,
            {
                "kafka": {"bootstrap_servers": f"127.0.0.1:{kafka_proxy}"},
                "elasticsearch": {"hosts": (f"http://127.0.0.1:{elasticsearch_proxy}",)},
            },
        )
        self._background = background
        self._proxies = {
            "kafka": Proxy(kafka_proxy, local.kafka_port),
            "elasticsearch": Proxy(elasticsearch_proxy, local.elasticsearch_port),
        }
        self._servers = _servers(base, kafka_proxy, kafka_direct)
        self.disks: dict[str, Disk] = {}
        self._small_disks = small_disks
        self._jdk = find_jdk()
        self._programs = distribution.fetch(base.servers_dir.absolute(), self._jdk, print)

    def of_harness(self, line: Settings) -> Settings:
        """The settings of a line with the ways around the proxies."""
        return line.model_copy(
            update={
                "kafka": line.kafka.model_copy(
                    update={"bootstrap_servers": self.direct.kafka.bootstrap_servers}
                ),
                "elasticsearch": self.direct.elasticsearch,
            }
        )

    def __enter__(self) -> Self:
        for proxy in self._proxies.values():
            self._background.run(proxy.start())
        if self._small_disks:
            found = {name: mounted(each.data_dir) for name, each in self._servers.items()}
            self.disks = {name: disk for name, disk in found.items() if disk}
        self.start(*self._servers)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in self._servers:
            self.resume(name)
            self.end(name)
        for disk in self.disks.values():
            disk.unmount()
        for proxy in self._proxies.values():
            self._background.run(proxy.stop())

    def start(self, *names: str) -> None:
        """Start servers and wait until they can serve."""
        starts = [
            (server, self._launch(server), _files(server))
            for server in (self._servers[name] for name in names)
        ]
        starting.start_all(starts, _START_SECONDS, lambda _: None)
        for name in names:
            self.weather(name, FAIR)

    def _launch(self, server: Server) -> Launch:
        options = class_data.options(
            self._programs, self._jdk, server=server.name, data_dir=server.data_dir
        )
        return Launch(self._programs, self._jdk, _files(server).log, options)

    def pid(self, name: str) -> int | None:
        """The server's process, None while it does not run."""
        process = processes.recall(_files(self._servers[name]).pid)
        return process.pid if process else None

    def answers(self, name: str) -> bool:
        """Whether the server itself answers, whatever its proxy does."""
        return self._servers[name].ready()

    def end(self, name: str) -> None:
        """Stop in order, as an operator does; connections are refused until it is started."""
        server = self._servers[name]
        process = processes.recall(_files(server).pid)
        killed = process is not None and processes.stop(process, patience_seconds=_STOP_SECONDS)
        whole = process is not None and not killed
        self.weather(name, Weather(down=True))
        class_data.settle(self._programs.root.parent, data_dir=server.data_dir, whole=whole)

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until it is gone; connections are refused until it is started."""
        process = processes.recall(_files(self._servers[name]).pid)
        if process is not None:
            os.kill(process.pid, signal.SIGKILL)
            processes.stop(process, patience_seconds=_STOP_SECONDS)
        self.weather(name, Weather(down=True))

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        self._signal(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self._signal(name, signal.SIGCONT)

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self.pid(name)
        if pid is not None:
            os.kill(pid, number)

    def weather(self, name: str, weather: Weather) -> None:
        """What the server's proxy does from now on."""
        self._background.run(self._proxies[name].set(weather))


def _servers(base: Settings, advertised: int, direct: int) -> dict[str, Server]:
    local, folder = base.local, base.data_dir.absolute()
    kafka = _ProxiedKafka(
        data_dir=folder / "kafka",
        port=local.kafka_port,
        controller_port=local.kafka_controller_port,
        heap=local.kafka_heap,
        max_message_bytes=base.kafka.max_message_bytes,
        session_timeout_seconds=base.workers.session_timeout_seconds,
        advertised=advertised,
        direct=direct,
    )
    elasticsearch = ElasticsearchServer(
        data_dir=folder / "elasticsearch",
        port=local.elasticsearch_port,
        heap=local.elasticsearch_heap,
    )
    return {"kafka": kafka, "elasticsearch": elasticsearch}


def _files(server: Server) -> Files:
    logs = server.data_dir.parent / "logs"
    return Files(
        pid=server.data_dir / "pid",
        log=logs / f"{server.name}.log",
        output=logs / f"{server.name}.out",
    )
