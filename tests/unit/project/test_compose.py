"""The stack in containers is the same stack: deploy/compose.yaml speaks of what exists."""

import re
import tomllib
from typing import Any

import pytest
import typer.main
import yaml

from pipeline import resources
from pipeline.cli.app import app
from pipeline.settings import Settings
from pipeline.stack import distribution

COMPOSE: dict[str, Any] = yaml.safe_load((resources.root() / "deploy/compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = {name: service for name, service in SERVICES.items() if service["image"] == "news-pipeline"}
DEFAULTS = tomllib.loads((resources.root() / "config/default.toml").read_text())


def has_setting(path: list[str]) -> bool:
    model: Any = Settings
    for name in path:
        if name not in model.model_fields:
            return False
        model = model.model_fields[name].annotation
    return True


def test_the_line_has_all_its_stations() -> None:
    commands = {name: service["command"] for name, service in OWN.items()}
    assert commands == {
        "setup": ["setup"],
        "dashboards": ["kibana", "import", "--url", "http://kibana:5601"],
        "feeds": ["feeds"],
        "enrich": ["work", "enrich"],
        "index": ["work", "index"],
        "alert": ["work", "alert"],
        "web": ["serve"],
    }


@pytest.mark.parametrize("name", OWN)
def test_every_command_is_one_of_the_command_line(name: str) -> None:
    group = typer.main.get_command(app)
    assert OWN[name]["command"][0] in group.commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", OWN)
def test_every_variable_is_a_setting(name: str) -> None:
    for variable in OWN[name]["environment"]:
        path = variable.removeprefix("PIPELINE_").lower().split("__")
        assert has_setting(path), variable


def test_what_is_published_is_published_on_loopback() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_service_carries_a_password() -> None:
    for service in SERVICES.values():
        assert not [
            name for name in service["environment"] if re.search("PASSW|SECRET|API_KEY", name)
        ]


def test_servers_have_the_versions_of_the_local_stack() -> None:
    elasticsearch = distribution.version("elasticsearch")
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{distribution.version('kafka')}"
    assert SERVICES["elasticsearch"]["image"] == f"elasticsearch:{elasticsearch}"
    assert SERVICES["kibana"]["image"] == f"kibana:{elasticsearch}"


def test_kafka_takes_messages_of_the_size_the_line_sends() -> None:
    limit = SERVICES["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"]
    assert int(limit) == DEFAULTS["kafka"]["max_message_bytes"]


def test_published_ports_are_those_of_the_default_settings() -> None:
    local = DEFAULTS["local"]
    assert SERVICES["kafka"]["ports"] == [f"127.0.0.1:{local['kafka_port']}:19092"]
    address = f"127.0.0.1:{local['elasticsearch_port']}"
    assert SERVICES["elasticsearch"]["ports"] == [f"{address}:9200"]


@pytest.mark.parametrize("name", ["kafka", "elasticsearch", "kibana"])
def test_every_server_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_every_volume_that_is_used_is_declared() -> None:
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    named = {volume.split(":")[0] for volume in mounted if not volume.startswith((".", "/"))}
    assert named == set(COMPOSE["volumes"])


def test_the_image_is_built_from_hashes_and_runs_as_nobody_special() -> None:
    dockerfile = (resources.root() / "deploy/Dockerfile").read_text()
    assert dockerfile.count("--require-hashes") == 2
    assert re.search(r"^USER pipeline$", dockerfile, flags=re.MULTILINE)
    for folder in re.findall(r"^COPY (\w+) ", dockerfile, flags=re.MULTILINE):
        assert (resources.root() / folder).is_dir()
