"""Every client of the line gets in with settings alone, and says so where it does not get in."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.feed_states import KafkaFeedStates
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import FeedState
from pipeline.settings import Settings
from tests.certificates import Authority
from tests.fakes.records import NOW
from tests.integration.kafka.secure_server import GUEST, PASSWORD, SecureKafka
from tests.reading import read_topic
from tests.running import pipeline
from tests.stacks import as_environment
from tests.waiting import eventually

Changes = Callable[[SecureKafka, Authority], dict[str, Any]]
"""What is different from the right settings, given a certificate authority that no one trusts."""

WAYS = {
    "SASL_PLAINTEXT": ("SASL_PLAINTEXT", {}),
    "SASL_SSL": ("SASL_SSL", {}),
    "SASL_SSL with PLAIN": ("SASL_SSL", {"sasl_mechanism": "PLAIN"}),
    "SSL": ("SSL", {}),
}
KEY_PASSWORD = "a password for the key"


def encrypted_key(kafka: SecureKafka, _: Authority) -> dict[str, Any]:
    client = kafka.authority.identity("reader", key_password=KEY_PASSWORD)
    return {
        "ssl_certfile": client.certificate,
        "ssl_keyfile": client.key,
        "ssl_keyfile_password": SecretStr(KEY_PASSWORD),
    }


def foreign_certificate(_: SecureKafka, foreign: Authority) -> dict[str, Any]:
    client = foreign.identity("reader")
    return {"ssl_certfile": client.certificate, "ssl_keyfile": client.key}


def wrong_name(kafka: SecureKafka, _: Authority) -> dict[str, Any]:
    return {"bootstrap_servers": kafka.address("SASL_SSL").replace("127.0.0.1", "localhost")}


REFUSALS: dict[str, tuple[str, Changes, str]] = {
    "wrong password": (
        "SASL_SSL",
        lambda *_: {"sasl_password": SecretStr("not-the-password")},
        "kafka.sasl_password",
    ),
    "wrong password, sent as it is": (
        "SASL_SSL",
        lambda *_: {"sasl_mechanism": "PLAIN", "sasl_password": SecretStr("not-the-password")},
        "kafka.sasl_password",
    ),
    "unknown user": ("SASL_PLAINTEXT", lambda *_: {"sasl_username": "nobody"}, "sasl_username"),
    "mechanism not offered": (
        "SASL_PLAINTEXT",
        lambda *_: {"sasl_mechanism": "PLAIN"},
        "kafka.sasl_mechanism",
    ),
    "untrusted server": (
        "SASL_SSL",
        lambda _, foreign: {"ssl_cafile": foreign.file},
        "kafka.ssl_cafile",
    ),
    "server with another name": ("SASL_SSL", wrong_name, "kafka.ssl_cafile"),
    "untrusted client": ("SSL", foreign_certificate, "kafka.ssl_certfile"),
    "client without certificate": (
        "SSL",
        lambda *_: {"ssl_certfile": None, "ssl_keyfile": None},
        "kafka.ssl_certfile",
    ),
}


@contextmanager
def copying_worker(line: Settings, folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.agents.copying_worker", str(folder / "crashed")],
        env={**os.environ, **as_environment(line)},
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def fill(line: Settings, value: bytes) -> None:
    """The topics, an article and a feed's state, each through the client that writes it."""
    with Cluster(line.kafka) as cluster:
        assert len(cluster.create_topics(line.topics)) == 12
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish([Message(topic=line.topics.articles, key=b"a", value=value)])
        states = KafkaFeedStates(line.kafka, line.topics.feeds, publisher)
        await states.save(FeedState(feed_id="a", url="https://a.example/", polled_at=NOW))
        assert (await states.load()).keys() == {"a"}


@pytest.mark.parametrize("way", WAYS)
async def test_every_client_gets_in_with_settings_alone(
    secured: SecureKafka, own_line: Settings, tmp_path: Path, way: str
) -> None:
    protocol, changes = WAYS[way]
    line = secured.settings(own_line, protocol, **changes)
    await fill(line, way.encode())
    with copying_worker(line, tmp_path), Cluster(line.kafka) as cluster:
        assert eventually(lambda: read_topic(line, line.topics.enriched)) == [way.encode()]
        group = f"{line.kafka.group_prefix}-copy"
        assert eventually(lambda: cluster.lag(group, line.topics.articles).behind == 0)


def test_a_key_may_be_encrypted(secured: SecureKafka, own_line: Settings, tmp_path: Path) -> None:
    changes = encrypted_key(secured, Authority(tmp_path / "foreign"))
    with Cluster(secured.settings(own_line, "SSL", **changes).kafka) as cluster:
        assert cluster.create_topics(own_line.topics)


@pytest.mark.parametrize("name", REFUSALS)
async def test_every_client_says_why_it_does_not_get_in(
    secured: SecureKafka, own_line: Settings, tmp_path: Path, name: str
) -> None:
    protocol, changes, setting = REFUSALS[name]
    wrong = changes(secured, Authority(tmp_path / "foreign"))
    line = secured.settings(own_line, protocol, **wrong)
    async with asyncio.timeout(20), KafkaPublisher(line.kafka) as publisher:
        with pytest.raises(ConfigurationError) as opening:
            Cluster(line.kafka)
        with pytest.raises(ConfigurationError) as publishing:
            await publisher.publish([Message(topic="any", key=b"a", value=b"1")])
        with pytest.raises(ConfigurationError) as loading:
            await KafkaFeedStates(line.kafka, "any", publisher).load()
    for error in (opening.value, publishing.value, loading.value):
        assert setting in str(error)
        assert "\n" not in str(error)
        assert "not-the-password" not in str(error)


@pytest.mark.parametrize(
    ("listener", "protocol"),
    [
        ("SASL_PLAINTEXT", "PLAINTEXT"),
        ("SSL", "PLAINTEXT"),
        ("SASL_SSL", "SASL_PLAINTEXT"),
        ("SASL_SSL", "SSL"),
        ("SASL_PLAINTEXT", "SASL_SSL"),
    ],
)
def test_a_listener_that_hangs_up_is_waited_for_with_a_hint_at_the_protocol(
    secured: SecureKafka, own_line: Settings, listener: str, protocol: str
) -> None:
    address = secured.address(listener)
    line = secured.settings(own_line, listener, security_protocol=protocol)
    assert line.kafka.bootstrap_servers == address
    with pytest.raises(ServiceUnavailable, match=f"security_protocol {protocol} right"):
        Cluster(line.kafka)


async def test_a_user_without_rights_is_told_so_by_every_client(
    secured: SecureKafka, own_line: Settings
) -> None:
    with Cluster(secured.settings(own_line, "SASL_SSL").kafka) as cluster:
        cluster.create_topics(own_line.topics)
    guest = secured.settings(own_line, "SASL_SSL", sasl_username=GUEST)
    topic = guest.topics.articles
    with Cluster(guest.kafka) as cluster:
        for attempt in (
            lambda: cluster.create_topics(guest.topics),
            lambda: cluster.end_offset(topic),
            lambda: cluster.lag("any", topic),
        ):
            with pytest.raises(ConfigurationError, match="rights") as error:
                attempt()
            assert "\n" not in str(error.value)
    async with asyncio.timeout(20), KafkaPublisher(guest.kafka) as publisher:
        with pytest.raises(ConfigurationError, match="rights"):
            await publisher.publish([Message(topic=topic, key=b"a", value=b"1")])
        with pytest.raises(PipelineError, match="no topic"):  # Kafka hides what one may not see
            await KafkaFeedStates(guest.kafka, guest.topics.feeds, publisher).load()


@pytest.mark.parametrize("command", [("setup",), ("work", "index"), ("feeds", "--once")])
def test_a_wrong_password_ends_a_command_with_one_line(
    secured: SecureKafka, own_line: Settings, command: tuple[str, ...]
) -> None:
    line = secured.settings(own_line, "SASL_SSL", sasl_password=SecretStr("not-the-password"))
    done = pipeline(line, *command)
    assert done.returncode == ConfigurationError.exit_code
    assert "check kafka.sasl_username and kafka.sasl_password" in done.stderr
    assert "Traceback" not in done.stderr
    for secret in (PASSWORD, "not-the-password"):
        assert secret not in done.stdout + done.stderr
