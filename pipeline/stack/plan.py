"""The few settings that the preflight needs, read with the standard library alone.

:mod:`pipeline.settings` reads all of them, once its packages are installed; both follow the same
order: the environment over the file PIPELINE_CONFIG names over config/default.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import resources
from pipeline.errors import ConfigurationError


@dataclass(frozen=True)
class Plan:
    """What is to be started, and where."""

    data_dir: Path
    servers_dir: Path
    kafka_ports: tuple[int, ...]
    elasticsearch_ports: tuple[int, ...]
    sample_port: int | None
    local: bool


def read_plan(environment: Mapping[str, str]) -> Plan:
    """The plan of a process with this environment. Raises ConfigurationError naming the problem."""
    settings = _Settings(environment)
    data_dir = Path(settings.text("data_dir") or resources.default_data_dir())
    kafka, elasticsearch = settings.port("kafka_port"), settings.port("elasticsearch_port")
    return Plan(
        data_dir=data_dir,
        servers_dir=Path(settings.text("local", "servers_dir") or data_dir / "servers"),
        kafka_ports=(kafka, settings.port("kafka_controller_port")),
        elasticsearch_ports=(elasticsearch,),
        sample_port=settings.port("port", "sample") if settings.flag("sample", "enabled") else None,
        local=names_local_servers(
            settings.text("kafka", "bootstrap_servers"),
            settings.text("elasticsearch", "hosts"),
            kafka_port=kafka,
            elasticsearch_port=elasticsearch,
        ),
    )


def names_local_servers(
    bootstrap_servers: str, hosts: Sequence[str] | str, *, kafka_port: int, elasticsearch_port: int
) -> bool:
    """Whether the addresses of either service are those of the local stack, as empty ones are."""
    hosts = hosts if isinstance(hosts, str) else " ".join(hosts)
    return any(
        addresses in {"", "[]"}
        or re.search(rf"(?<![\w.-])(?:127\.0\.0\.1|localhost):{port}(?!\d)", addresses)
        for addresses, port in ((bootstrap_servers, kafka_port), (hosts, elasticsearch_port))
    )


class _Settings:
    """Values by section and field, the first source that has one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {name.upper(): value for name, value in environment.items()}
        named = environment.get("PIPELINE_CONFIG")
        files = [Path(named)] if named else []
        self._files = [_parse(path) for path in (*files, resources.root() / "config/default.toml")]

    def text(self, *path: str) -> str:
        """A value as text, empty when it is nowhere set."""
        value: Any = self._environment.get("PIPELINE_" + "__".join(path).upper())
        for settings in self._files:
            value = _at(settings, path) if value is None else value
        return "" if value is None else str(value)

    def port(self, field: str, section: str = "local") -> int:
        value = self.text(section, field)
        if not value.isdecimal() or not 1 <= int(value) <= 65535:
            raise ConfigurationError(f"setting {section}.{field}: {value!r} is not a port")
        return int(value)

    def flag(self, *path: str) -> bool:
        return self.text(*path).lower() in {"true", "1", "yes", "on", "y", "t"}


def _at(settings: Any, path: Sequence[str]) -> Any:
    for name in path:
        settings = settings.get(name) if isinstance(settings, dict) else None
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; set PIPELINE_CONFIG anew") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
