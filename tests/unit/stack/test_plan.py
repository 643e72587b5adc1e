import os
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.errors import ConfigurationError
from pipeline.stack.plan import names_local_servers, read_plan

FILE = """
data_dir = "/from/file"
[local]
kafka_port = 1001
servers_dir = "/servers"
[sample]
enabled = false
"""

ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"PIPELINE_LOCAL__KAFKA_PORT": "2002", "PIPELINE_DATA_DIR": "/elsewhere"},
    {"pipeline_local__kafka_port": "3003"},
    {"PIPELINE_SAMPLE__ENABLED": "no"},
    {"PIPELINE_KAFKA__BOOTSTRAP_SERVERS": "kafka.example:9092"},
    {
        "PIPELINE_KAFKA__BOOTSTRAP_SERVERS": "kafka.example:9092",
        "PIPELINE_ELASTICSEARCH__HOSTS": '["https://search.example"]',
    },
]


@pytest.mark.parametrize("with_file", [False, True])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_plan_is_what_the_settings_say(
    environment: dict[str, str], with_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if with_file:
        (tmp_path / "own.toml").write_text(FILE)
        monkeypatch.setenv("PIPELINE_CONFIG", str(tmp_path / "own.toml"))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    plan, loaded = read_plan(os.environ), settings.load()
    local = loaded.local
    assert plan.data_dir == loaded.data_dir
    assert plan.servers_dir == loaded.servers_dir
    assert plan.kafka_ports == (local.kafka_port, local.kafka_controller_port)
    assert plan.elasticsearch_ports == (local.elasticsearch_port,)
    assert plan.sample_port == (loaded.sample.port if loaded.sample.enabled else None)
    assert plan.local == names_local_servers(
        loaded.kafka.bootstrap_servers,
        loaded.elasticsearch.hosts,
        kafka_port=local.kafka_port,
        elasticsearch_port=local.elasticsearch_port,
    )


@pytest.mark.parametrize("value", ["", "abc", "0", "65536", "-1", "1e3"])
def test_what_is_no_port_is_named(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"local\.kafka_port"):
        read_plan({"PIPELINE_LOCAL__KAFKA_PORT": value})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: No such file"):
        read_plan({"PIPELINE_CONFIG": str(tmp_path / "none.toml")})


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("= no")
    with pytest.raises(ConfigurationError, match=r"bad\.toml: not valid TOML"):
        read_plan({"PIPELINE_CONFIG": str(tmp_path / "bad.toml")})


@pytest.mark.parametrize(
    ("bootstrap_servers", "hosts", "local"),
    [
        ("127.0.0.1:19092", ["http://127.0.0.1:19200"], True),
        ("", [], True),
        ("", ["https://search.example:443"], True),
        ("localhost:19092", ["https://search.example:443"], True),
        ("kafka.example:19092", ["http://localhost:19200"], True),
        ("kafka.example:19092", ["https://search.example:19200"], False),
        ("127.0.0.1:190921", ["https://search.example"], False),
        ("127.0.0.1:9092", ["http://10.127.0.0.1:19200"], False),
    ],
)
def test_local_servers_are_known_by_their_addresses(
    bootstrap_servers: str, hosts: list[str], local: bool
) -> None:
    named = names_local_servers(
        bootstrap_servers, hosts, kafka_port=19092, elasticsearch_port=19200
    )
    assert named is local
