"""Elasticsearch behind TLS and credentials: they are sent, checked, and missed in one line."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.index import IndexStatus
from pipeline.index.client import connect
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.groups import Role, group_name
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import encode
from pipeline.settings import Settings
from tests.certificates import Authority
from tests.fakes.debates import a_debate
from tests.fakes.guarded_proxy import GuardedProxy
from tests.integration.shelf import Shelf
from tests.running import PROJECT, environment, pipeline
from tests.stacks import updated
from tests.waiting import eventually

API_KEY = "a2V5LWlkOnNlY3JldC1rZXk="
CREDENTIALS: dict[str, tuple[dict[str, Any], str]] = {
    "API key": ({"api_key": SecretStr(API_KEY)}, f"ApiKey {API_KEY}"),
    "user and password": (
        {"username": "reader", "password": SecretStr("pass word")},
        "Basic cmVhZGVyOnBhc3Mgd29yZA==",
    ),
}
WRONG = {"api_key": SecretStr("d3Jvbmcta2V5")}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


@pytest.fixture
async def guarded(shelf: Shelf, authority: Authority) -> AsyncIterator[GuardedProxy]:
    upstream = shelf.settings.elasticsearch.hosts[0]
    identity = authority.identity("127.0.0.1")
    async with GuardedProxy(upstream, identity, authorization=f"ApiKey {API_KEY}") as proxy:
        yield proxy


Secured = Callable[..., Settings]


@pytest.fixture
def secured(shelf: Shelf, authority: Authority, guarded: GuardedProxy) -> Secured:
    """The settings that get in by API key, with changes."""

    def change(**changes: Any) -> Settings:
        needed = {"hosts": (guarded.url,), "ca_certs": authority.file}
        key = {} if "username" in changes else {"api_key": SecretStr(API_KEY)}
        return updated(shelf.settings, {"elasticsearch": needed | key | changes})

    return change


async def asked(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    """A command run beside the proxy, which lives in this process."""
    return await asyncio.to_thread(pipeline, settings, *words)


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_credentials_and_the_authority_of_the_settings_open_the_index(
    shelf: Shelf, guarded: GuardedProxy, secured: Secured, name: str
) -> None:
    changes, guarded.authorization = CREDENTIALS[name]
    settings = secured(**changes)
    async with connect(settings.elasticsearch) as client:
        (outcome,) = await shelf.indexer(client).index([a_debate()])
        await client.indices.refresh(index=settings.index.statements)
    assert outcome.status is IndexStatus.INDEXED
    found = await asked(settings, "statements", "--speaker", "lind")
    assert found.returncode == 0, found.stderr
    assert "Zoë Lind" in found.stdout
    assert guarded.denied == 0


@pytest.mark.parametrize("status", [401, 403])
async def test_a_search_with_a_wrong_key_says_so_in_one_line(
    guarded: GuardedProxy, secured: Secured, status: int
) -> None:
    guarded.status = status
    refused = await asked(secured(**WRONG), "search", "anything")
    assert refused.returncode == ConfigurationError.exit_code
    (line,) = refused.stderr.strip().splitlines()
    assert f"access denied (HTTP {status}); check elasticsearch.api_key" in line
    assert "d3Jvbmcta2V5" not in refused.stdout + refused.stderr
    assert guarded.denied == 1


async def test_a_search_with_an_untrusted_certificate_says_so_in_one_line(
    guarded: GuardedProxy, secured: Secured, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path / "foreign")
    refused = await asked(secured(ca_certs=foreign.file), "search", "anything")
    assert refused.returncode == ConfigurationError.exit_code
    (line,) = refused.stderr.strip().splitlines()
    assert "certificate that is not trusted; check elasticsearch.hosts and ca_certs" in line


async def test_a_certificate_is_not_looked_at_where_the_settings_say_so(
    secured: Secured, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path / "foreign")
    async with connect(secured(ca_certs=foreign.file, verify_certs=False).elasticsearch) as client:
        assert await client.cluster.health()


async def test_a_key_without_the_right_to_set_up_ends_the_set_up_with_one_line(
    guarded: GuardedProxy, secured: Secured
) -> None:
    guarded.status, guarded.guarded = 403, "_template"
    refused = await asked(secured(**WRONG), "setup")
    assert refused.returncode == ConfigurationError.exit_code
    (line,) = refused.stderr.strip().splitlines()
    assert "access denied (HTTP 403)" in line


async def test_roles_for_a_cluster_without_security_are_refused_with_one_line(shelf: Shelf) -> None:
    refused = await asked(shelf.settings, "rights", "elasticsearch", "--apply")
    assert refused.returncode == ConfigurationError.exit_code
    (line,) = refused.stderr.strip().splitlines()
    assert "is xpack.security.enabled set?" in line


async def publish(line: Settings, number: int) -> None:
    debate = a_debate(url=f"https://courier.example/{number}")
    key = debate.article.id.encode()
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(
            [Message(topic=line.topics.enriched, key=key, value=encode(debate))]
        )


def behind(cluster: Cluster, line: Settings) -> int:
    """What the index worker has not committed; -1 while the coordinator of a new cluster starts."""
    try:
        return cluster.lag(group_name(line.kafka, Role.INDEX), line.topics.enriched).behind
    except ServiceUnavailable:
        return -1


@contextmanager
def index_worker(line: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "worker", "index"],
            env=environment(line),
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stderr=output,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


async def test_an_index_worker_whose_key_is_refused_pauses_says_so_and_loses_nothing(
    shelf: Shelf, guarded: GuardedProxy, secured: Secured, tmp_path: Path
) -> None:
    line, log = secured(), tmp_path / "worker.log"

    async def soon(condition: Callable[[], object]) -> None:
        assert await asyncio.to_thread(eventually, condition), log.read_text()

    def denials() -> int:
        return log.read_text().count("access denied (HTTP 401); check elasticsearch.api_key")

    guarded.authorization = "ApiKey not-yet-made"
    with Cluster(line.kafka) as cluster, index_worker(line, log) as worker:
        cluster.create_topics(line.topics)
        await publish(line, 1)
        await soon(lambda: denials() == 1)
        guarded.authorization = f"ApiKey {API_KEY}"
        await soon(lambda: behind(cluster, line) == 0)
        guarded.authorization = "ApiKey withdrawn"
        await publish(line, 2)
        await soon(lambda: denials() == 2)
        assert behind(cluster, line) == 1
        guarded.authorization = f"ApiKey {API_KEY}"
        await soon(lambda: behind(cluster, line) == 0)
        assert worker.poll() is None
    assert len(await shelf.articles()) == 2
    assert API_KEY not in log.read_text()
