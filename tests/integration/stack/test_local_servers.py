"""Real servers, started, found again, killed and stopped as they are on a user's machine."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.errors import MissingPrerequisite, ServiceUnavailable
from pipeline.settings import Settings
from pipeline.stack import control, ports, processes
from pipeline.stack.control import State
from tests.stacks import stack_settings, updated


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Settings]:
    """A stack of the test's own, not started."""
    chosen = stack_settings(tmp_path / "stack")
    yield chosen
    control.down(chosen, print)


def up(settings: Settings) -> list[str]:
    """Bring the stack up; what was reported."""
    said: list[str] = []
    assert [server.state for server in control.up(settings, said.append)] == [State.RUNNING] * 2
    return said


def pids(settings: Settings) -> list[int | None]:
    return [server.pid for server in control.status(settings)]


def states(settings: Settings) -> list[str]:
    return [server.state for server in control.status(settings)]


def make_topic(settings: Settings, name: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap_servers)
    admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    admin.close()


def topics(settings: Settings) -> set[str]:
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap_servers)
    try:
        return set(admin.list_topics())
    finally:
        admin.close()


def test_a_second_up_finds_the_first(servers: Settings) -> None:
    before = pids(servers)
    said = up(servers)
    assert pids(servers) == before
    assert sum("runs already" in line for line in said) == 2


def test_data_survives_down_and_up(stack: Settings) -> None:
    up(stack)
    make_topic(stack, "kept")
    with Elasticsearch(stack.elasticsearch.hosts) as client:
        client.index(index="kept", id="1", document={"text": "still here"}, refresh=True)
    control.down(stack, print)
    up(stack)
    assert "kept" in topics(stack)
    with Elasticsearch(stack.elasticsearch.hosts) as client:
        assert client.count(index="kept")["count"] == 1


def test_the_local_plugin_analyses_under_the_official_names(servers: Settings) -> None:
    with Elasticsearch(servers.elasticsearch.hosts) as client:
        english = client.indices.analyze(analyzer="english", text="The ministers were speaking")
        folded = client.indices.analyze(
            tokenizer="keyword", filter=["lowercase", "asciifolding"], text="São Tomé"
        )
        stemmed = client.indices.analyze(
            tokenizer="standard", filter=["porter_stem"], text="warnings"
        )
    assert [token["token"] for token in english["tokens"]] == ["minist", "were", "speak"]
    assert [token["token"] for token in folded["tokens"]] == ["sao tome"]
    assert [token["token"] for token in stemmed["tokens"]] == ["warn"]


def test_a_killed_server_is_seen_and_only_that_one_is_started_again(stack: Settings) -> None:
    up(stack)
    kafka, elasticsearch = pids(stack)
    assert kafka is not None
    os.kill(kafka, signal.SIGKILL)
    while processes.identify(kafka) is not None:
        time.sleep(0.01)
    assert states(stack) == [State.STOPPED, State.RUNNING]
    up(stack)
    assert pids(stack)[0] not in {None, kafka}
    assert pids(stack)[1] == elasticsearch


def test_a_server_that_hangs_is_unresponsive(stack: Settings) -> None:
    up(stack)
    pid = pids(stack)[1]
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        assert states(stack) == [State.RUNNING, State.UNRESPONSIVE]
    finally:
        os.kill(pid, signal.SIGCONT)


def test_nothing_is_left_behind_but_data_and_logs(stack: Settings) -> None:
    up(stack)
    running = pids(stack)
    control.down(stack, print)
    assert [processes.identify(pid) for pid in running if pid] == [None, None]
    assert states(stack) == [State.STOPPED] * 2
    assert not list(stack.data_dir.rglob("pid"))
    local = stack.local
    used = (local.kafka_port, local.kafka_controller_port, local.elasticsearch_port)
    assert all(ports.is_free(port) for port in used)
    said: list[str] = []
    control.down(stack, said.append)
    assert said == ["nothing runs"]


def test_two_stacks_run_side_by_side_and_do_not_meet(servers: Settings, stack: Settings) -> None:
    up(stack)
    make_topic(stack, "only-here")
    assert "only-here" not in topics(servers)
    assert not {*pids(stack)} & {*pids(servers)}
    control.down(stack, print)
    assert states(servers) == [State.RUNNING] * 2


def test_two_ups_at_once_start_one_stack(stack: Settings) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: control.up(stack, print), range(2))
    assert [server.pid for server in first] == [server.pid for server in second]


def test_the_last_of_two_lines_stops_the_servers_whichever_started_them(stack: Settings) -> None:
    with ExitStack() as second:
        with control.running(stack, print):
            running = pids(stack)
            second.enter_context(control.running(stack, print))
        assert pids(stack) == running
    assert states(stack) == [State.STOPPED] * 2
    said = up(stack)
    with control.running(stack, said.append):
        pass
    assert states(stack) == [State.RUNNING] * 2
    with control.running(stack, said.append):
        control.down(stack, said.append)
    assert any("a pipeline run is using them" in line for line in said)


def test_a_taken_port_is_said_before_anything_starts(stack: Settings) -> None:
    with socket.create_server(("127.0.0.1", stack.local.elasticsearch_port)):
        with pytest.raises(MissingPrerequisite, match="is taken by another program"):
            control.up(stack, print)
        assert states(stack) == [State.STOPPED] * 2


def test_a_server_that_cannot_start_is_explained_and_takes_the_other_down(stack: Settings) -> None:
    starved = updated(stack, {"local": {"elasticsearch_heap": "1m"}})
    with pytest.raises(ServiceUnavailable) as failure:
        control.up(starved, print)
    assert str(failure.value).startswith("elasticsearch ended")
    assert "heap" in str(failure.value)
    assert "\n" not in str(failure.value)
    assert states(stack) == [State.STOPPED] * 2
    assert not list(stack.data_dir.rglob("pid"))
