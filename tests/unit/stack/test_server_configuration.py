import socket
import threading
from pathlib import Path

import pytest
import yaml

from pipeline.stack.distribution import Distribution
from pipeline.stack.elasticsearch_server import ElasticsearchServer
from pipeline.stack.jdk import Jdk
from pipeline.stack.kafka_server import KafkaServer, broker_count, new_cluster_id
from pipeline.stack.server import Launch

LAUNCH = Launch(Distribution(Path("/programs")), Jdk(Path("/jdk"), "25"), Path("/logs/x.log"))


def kafka(
    data_dir: Path = Path("/data/kafka"), session_timeout_seconds: float = 10.0
) -> KafkaServer:
    return KafkaServer(
        data_dir=data_dir,
        port=1111,
        controller_port=2222,
        heap="100m",
        max_message_bytes=12345,
        session_timeout_seconds=session_timeout_seconds,
    )


def properties(server: KafkaServer) -> dict[str, str]:
    lines = [line for line in server.properties().splitlines() if line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def test_kafka_listens_on_loopback_alone() -> None:
    listeners = properties(kafka())["listeners"].split(",")
    assert listeners == ["PLAINTEXT://127.0.0.1:1111", "CONTROLLER://127.0.0.1:2222"]


def test_kafka_takes_its_sizes_from_the_settings() -> None:
    assert properties(kafka())["message.max.bytes"] == "12345"
    assert properties(kafka())["auto.create.topics.enable"] == "false"


@pytest.mark.parametrize(("seconds", "milliseconds"), [(2.5, "2500"), (10.0, "6000")])
def test_kafka_admits_the_session_timeout_of_the_workers(seconds: float, milliseconds: str) -> None:
    rendered = properties(kafka(session_timeout_seconds=seconds))
    assert rendered["group.min.session.timeout.ms"] == milliseconds


def test_a_backslash_in_the_path_survives_javas_properties() -> None:
    assert properties(kafka(Path("/a\\b")))["log.dirs"] == "/a\\\\b/data"


def test_kafka_is_started_with_its_heap_and_file() -> None:
    command = kafka().command(LAUNCH)
    assert command[0] == "/jdk/bin/java"
    assert "-Xmx100m" in command
    assert command[-2:] == ["kafka.Kafka", "/data/kafka/server.properties"]


def test_elasticsearch_listens_on_loopback_and_quotes_paths() -> None:
    folder = Path('/data: "of" #mine')
    server = ElasticsearchServer(data_dir=folder, port=3333, heap="1g")
    rendered = yaml.safe_load(server.configuration(Path("/logs/x.log")))
    assert rendered["path.data"] == str(folder / "data")
    assert (rendered["network.host"], rendered["http.port"]) == ("127.0.0.1", 3333)
    assert rendered["path.logs"] == "/logs"


def test_elasticsearch_runs_the_launcher_on_its_own_configuration() -> None:
    command = ElasticsearchServer(data_dir=Path("/es"), port=1, heap="1g").command(LAUNCH)
    assert command[-3:] == ["launcher.Launcher", "/programs/elasticsearch", "/es/config"]


def test_cluster_ids_differ_and_fit_on_a_command_line() -> None:
    ids = {new_cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(each) == 22 and not each.startswith("-") for each in ids)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400", b"\0\0\0\x10news\0\0\0\0"])
def test_what_is_no_kafka_has_no_brokers(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        assert broker_count("127.0.0.1", listener.getsockname()[1]) == 0
        thread.join()


def test_nothing_on_the_port_has_no_brokers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert broker_count("127.0.0.1", port) == 0
