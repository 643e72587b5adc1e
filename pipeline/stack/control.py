"""Start, find and stop the local servers.

Everything they keep is under ``settings.data_dir``::

    kafka/  elasticsearch/     data and configuration; pid (a live server's process)
    logs/kafka.log  .out       what the server logs; what its process prints
    servers/                   their programs (settings.servers_dir), shared by all stacks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.ending import takes_along
from pipeline.errors import MissingPrerequisite
from pipeline.folders import private
from pipeline.stack import class_data, distribution, ports, processes, starting, use
from pipeline.stack.distribution import Distribution
from pipeline.stack.elasticsearch_server import ElasticsearchServer
from pipeline.stack.jdk import Jdk, find_jdk
from pipeline.stack.kafka_server import KafkaServer
from pipeline.stack.locks import Report, exclusive
from pipeline.stack.plan import names_local_servers
from pipeline.stack.server import Launch, Server
from pipeline.stack.starting import Files

if TYPE_CHECKING:
    from pipeline.settings import Settings

_STOP_SECONDS = 60.0  # the first end of a server writes its class data: 16 s on a busy machine


class State(StrEnum):
    """What a server does."""

    RUNNING = "running"
    STOPPED = "stopped"
    UNRESPONSIVE = "unresponsive"


@dataclass(frozen=True)
class ServerStatus:
    """One server at one moment. ``pid`` is None when it is stopped."""

    name: str
    state: State
    pid: int | None
    port: int
    version: str
    data_dir: Path
    log: Path


def servers(settings: Settings) -> tuple[Server, ...]:
    """The servers of these settings, running or not."""
    local, data_dir = settings.local, _data_dir(settings)
    return (
        KafkaServer(
            data_dir=data_dir / "kafka",
            port=local.kafka_port,
            controller_port=local.kafka_controller_port,
            heap=local.kafka_heap,
            max_message_bytes=settings.kafka.max_message_bytes,
            session_timeout_seconds=settings.workers.session_timeout_seconds,
        ),
        ElasticsearchServer(
            data_dir=data_dir / "elasticsearch",
            port=local.elasticsearch_port,
            heap=local.elasticsearch_heap,
        ),
    )


def _data_dir(settings: Settings) -> Path:
    """Absolute: the servers run in folders of their own."""
    return settings.data_dir.absolute()


def _programs_dir(settings: Settings) -> Path:
    return settings.servers_dir.absolute()


def uses_local_servers(settings: Settings) -> bool:
    """Whether the settings name the servers that :func:`up` starts."""
    return names_local_servers(
        settings.kafka.bootstrap_servers,
        settings.elasticsearch.hosts,
        kafka_port=settings.local.kafka_port,
        elasticsearch_port=settings.local.elasticsearch_port,
    )


@contextmanager
def running(settings: Settings, report: Report) -> Iterator[None]:
    """Have both servers run for the time of the context, and for that of others like it.

    The last one stops them, unless :func:`up` was asked for them.
    """
    private(settings.data_dir)
    with use.using(settings.data_dir) as line:
        try:
            with _exclusive(settings, report):
                if not any(server.pid for server in status(settings)):
                    line.mark()
                _bring_up(settings, report)
            with takes_along(lambda: _pids(settings, servers(settings)) if line.last() else ()):
                yield
        finally:
            if line.last():
                _take_down(settings, report)


def _pids(settings: Settings, chosen: Sequence[Server]) -> list[int]:
    """Of those that run."""
    recalled = (processes.recall(_files(settings, each).pid) for each in chosen)
    return [process.pid for process in recalled if process is not None]


def status(settings: Settings) -> tuple[ServerStatus, ...]:
    """What each server does now."""
    return tuple(_status(server, _files(settings, server)) for server in servers(settings))


def _status(server: Server, files: Files) -> ServerStatus:
    process = processes.recall(files.pid)
    if process is None:
        state = State.STOPPED
    else:
        state = State.RUNNING if server.answers() else State.UNRESPONSIVE
    return ServerStatus(
        name=server.name,
        state=state,
        pid=process.pid if process else None,
        port=server.ports[0],
        version=server.version,
        data_dir=server.data_dir,
        log=files.log,
    )


def up(settings: Settings, report: Report) -> tuple[ServerStatus, ...]:
    """Have both servers running and ready; what runs already is left as it is.

    The first time, their programs are fetched. ``report`` gets a line for each step. Raises
    MissingPrerequisite (no JDK, a port taken) or ServiceUnavailable (a server does not start, with
    the last words of its log); then nothing that this call started is left running.
    """
    private(settings.data_dir)
    with _exclusive(settings, report):
        _bring_up(settings, report)
        use.keep(settings.data_dir)
    return status(settings)


def _exclusive(settings: Settings, report: Report) -> AbstractContextManager[None]:
    return exclusive(settings.data_dir / ".stack.lock", report)


def _bring_up(settings: Settings, report: Report) -> None:
    absent = [server for server in servers(settings) if not _runs(settings, server, report)]
    if absent:
        _start(settings, absent, report)


def _runs(settings: Settings, server: Server, report: Report) -> bool:
    """Whether it runs and answers. One that hangs is ended, to be started again."""
    files = _files(settings, server)
    process = processes.recall(files.pid)
    if process is None:
        return False
    if starting.answers_soon(server):
        report(f"{server.name} {server.version} runs already on 127.0.0.1:{server.ports[0]}")
        return True
    report(f"{server.name} does not answer: starting it again")
    _stop(settings, server, report)
    return False


def _start(settings: Settings, absent: Sequence[Server], report: Report) -> None:
    _require_free_ports(absent)
    jdk = find_jdk()
    programs = distribution.fetch(_programs_dir(settings), jdk, report)
    launches = [
        (server, _launch(settings, server, programs, jdk), _files(settings, server))
        for server in absent
    ]
    try:
        with takes_along(lambda: _pids(settings, absent)):
            starting.start_all(launches, settings.local.start_timeout_seconds, report)
    except BaseException:
        for server in absent:
            _stop(settings, server, lambda _: None)
        raise


def _require_free_ports(absent: Sequence[Server]) -> None:
    for server in absent:
        for port in server.ports:
            if not ports.is_free(port):
                raise MissingPrerequisite(
                    f"port {port} ({server.name}) is taken by another program: end it or set "
                    f"another port in [local] (see config/default.toml)"
                )


def _launch(settings: Settings, server: Server, programs: Distribution, jdk: Jdk) -> Launch:
    options = class_data.options(programs, jdk, server=server.name, data_dir=server.data_dir)
    return Launch(programs, jdk, _files(settings, server).log, options)


def _files(settings: Settings, server: Server) -> Files:
    logs = _data_dir(settings) / "logs"
    return Files(
        pid=server.data_dir / "pid",
        log=logs / f"{server.name}.log",
        output=logs / f"{server.name}.out",
    )


def down(settings: Settings, report: Report) -> None:
    """Stop both servers; their data stays. Says so when nothing runs, or a line runs on them."""
    if not settings.data_dir.is_dir():
        report("nothing runs")
        return
    if use.in_use(settings.data_dir):
        report("a pipeline run is using them: it waits until they are back (pipeline up)")
    if not _take_down(settings, report):
        report("nothing runs")


def _take_down(settings: Settings, report: Report) -> bool:
    """Stop what runs. Whether anything did."""
    with _exclusive(settings, report), ThreadPoolExecutor() as pool:
        stopped = [*pool.map(lambda server: _stop(settings, server, report), servers(settings))]
        use.keep(settings.data_dir)
    return any(stopped)


def _stop(settings: Settings, server: Server, report: Report) -> bool:
    """End one server, whatever state it is in. Whether there was one."""
    files = _files(settings, server)
    process = processes.recall(files.pid)
    if process is not None:
        report(f"stopping {server.name}")
    killed = process is not None and processes.stop(process, patience_seconds=_STOP_SECONDS)
    ended_in_order = process is not None and not killed
    class_data.settle(_programs_dir(settings), data_dir=server.data_dir, whole=ended_in_order)
    files.pid.unlink(missing_ok=True)
    if killed:
        report(f"{server.name} did not end within {_STOP_SECONDS:.0f} s and was killed")
    elif ended_in_order:
        report(f"{server.name} stopped")
    return process is not None
