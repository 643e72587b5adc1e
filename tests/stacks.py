"""Settings of the tests' own: ports, folders and names that nobody else uses."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline import settings
from pipeline.settings import Settings
from pipeline.stack import ports

# Below the ports that systems hand out to clients, so that none of them can take one in between.
_FIRST, _LAST = 20_000, 30_000


def free_ports(count: int) -> list[int]:
    """As many different ports that nothing listens on."""
    candidates = random.sample(range(_FIRST, _LAST), k=20 * count)
    return [port for port in candidates if ports.is_free(port)][:count]


def stack_settings(data_dir: Path) -> Settings:
    """A stack on free ports with its data in ``data_dir``; programs are shared with `make run`."""
    kafka, controller, elasticsearch, sample, api = free_ports(5)
    return updated(
        settings.load(),
        {
            "data_dir": data_dir,
            "kafka": {"bootstrap_servers": f"127.0.0.1:{kafka}"},
            "elasticsearch": {"hosts": (f"http://127.0.0.1:{elasticsearch}",)},
            "sample": {"port": sample},
            "api": {"listen": f"127.0.0.1:{api}"},
            "local": {
                "kafka_port": kafka,
                "kafka_controller_port": controller,
                "elasticsearch_port": elasticsearch,
                "servers_dir": settings.load().servers_dir,
            },
        },
    )


def line_settings(servers: Settings) -> Settings:
    """A line on ``servers`` that sees nothing of the others: own topics, groups, indices, ports."""
    name = f"t{uuid.uuid4().hex[:10]}"
    sample, api = free_ports(2)
    return updated(
        servers,
        {
            "kafka": {"group_prefix": name},
            "topics": {
                "articles": f"{name}.articles.v1",
                "backfill": f"{name}.backfill.v1",
                "enriched": f"{name}.enriched.v1",
                "dead_letters": f"{name}.dead-letters.v1",
                "feeds": f"{name}.feeds.v1",
                "ingests": f"{name}.ingests.v1",
                "indexed": f"{name}.indexed.v1",
                "searches": f"{name}.searches.v1",
                "alerts": f"{name}.alerts.v1",
                "deliveries": f"{name}.deliveries.v1",
                "stations": f"{name}.stations.v1",
                "waiting": f"{name}.waiting.v1",
            },
            "index": {
                "articles": f"{name}-articles",
                "statements": f"{name}-statements",
                "revisions": f"{name}-revisions",
                "health": f"{name}-health",
                "homes": f"{name}-homes",
            },
            "sample": {"port": sample},
            "api": {"listen": f"127.0.0.1:{api}"},
        },
    )


def updated(base: Settings, changes: dict[str, Any]) -> Settings:
    """``base`` with some fields of some sections replaced."""
    update = {
        name: getattr(base, name).model_copy(update=change) if isinstance(change, dict) else change
        for name, change in changes.items()
    }
    return base.model_copy(update=update)


def as_environment(chosen: Settings) -> dict[str, str]:
    """The PIPELINE_ variables by which a child process loads the same settings."""
    return {
        "PIPELINE_" + "__".join(path).upper(): value
        for path, value in _leaves((), chosen.model_dump())
    }


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves((*path, name), part)
    elif isinstance(value, SecretStr):
        yield path, value.get_secret_value()
    elif isinstance(value, str | Path):
        yield path, str(value)
    elif value is not None:
        yield path, json.dumps(value)
