"""What the topics are made with."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from kafka import errors as kafka_errors

from pipeline import settings
from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.kafka.cluster import topic_configs
from pipeline.kafka.connection import (
    bootstrap_servers,
    client_options,
    failure,
    host_and_port,
    tls_context,
)
from pipeline.kafka.letters import letter_limit
from pipeline.kafka.probe import check_access
from pipeline.settings import KafkaSettings
from tests.certificates import Authority

SETTINGS = settings.load()


def kafka(**changes: object) -> KafkaSettings:
    return KafkaSettings.model_validate(SETTINGS.kafka.model_dump() | changes)


def test_only_states_are_compacted() -> None:
    topics = SETTINGS.topics
    configs = topic_configs(topics, 1000)
    compacted = [n for n, c in configs.items() if c["configs"].get("cleanup.policy") == "compact"]
    assert compacted == [
        topics.feeds,
        topics.ingests,
        topics.searches,
        topics.stations,
        topics.waiting,
    ]
    deliveries = configs[topics.deliveries]["configs"]
    assert deliveries["cleanup.policy"] == "compact,delete"
    assert deliveries["retention.ms"] == configs[topics.alerts]["configs"]["retention.ms"]
    letters = configs.pop(topics.dead_letters)["configs"]
    assert letters["cleanup.policy"] == "compact,delete"
    assert int(letters["max.message.bytes"]) == letter_limit(1000) > 1000 * 4 / 3
    assert {c["configs"]["max.message.bytes"] for c in configs.values()} == {"1000"}


def test_several_brokers_may_be_named() -> None:
    assert bootstrap_servers(kafka(bootstrap_servers="a:1, b:2")) == ["a:1", "b:2"]


def test_sasl_needs_a_login() -> None:
    with pytest.raises(ConfigurationError, match="sasl_mechanism"):
        client_options(kafka(security_protocol="SASL_PLAINTEXT"))


def test_a_login_reaches_the_client() -> None:
    options = client_options(
        kafka(
            security_protocol="SASL_SSL",
            sasl_mechanism="SCRAM-SHA-512",
            sasl_username="reader",
            sasl_password="secret",
        )
    )
    assert options["sasl_plain_password"] == "secret"
    assert options["ssl_context"].check_hostname


@pytest.mark.parametrize("file", ["ssl_cafile", "ssl_certfile"])
def test_missing_certificates_are_named(file: str) -> None:
    with pytest.raises(ConfigurationError, match="certificates"):
        tls_context(kafka(security_protocol="SSL", **{file: "/nowhere/ca.pem"}))


@pytest.mark.parametrize(("password", "taken"), [("secret", True), ("wrong", False), (None, False)])
def test_an_encrypted_key_needs_its_password_and_never_a_terminal(
    tmp_path: Path, password: str | None, taken: bool
) -> None:
    client = Authority(tmp_path / "certificates").identity("reader", key_password="secret")
    chosen = kafka(
        security_protocol="SSL",
        ssl_certfile=client.certificate,
        ssl_keyfile=client.key,
        ssl_keyfile_password=password,
    )
    with nullcontext() if taken else pytest.raises(ConfigurationError, match="or the key"):
        tls_context(chosen)


@pytest.mark.parametrize("servers", ["", " , ", "host:port", ":9092", "host:90:92x", "host:65536"])
def test_servers_that_are_no_addresses_are_named(servers: str) -> None:
    with pytest.raises(ConfigurationError, match="bootstrap_servers"):
        check_access(kafka(bootstrap_servers=servers))


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("a", ("a", 9092)),
        ("a:1", ("a", 1)),
        ("[::1]:1", ("::1", 1)),
        ("127.0.0.1:1", ("127.0.0.1", 1)),
    ],
)
def test_a_server_is_a_host_with_a_port(server: str, expected: tuple[str, int]) -> None:
    assert host_and_port(server) == expected


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (kafka_errors.KafkaTimeoutError(), ServiceUnavailable),
        (kafka_errors.NotControllerError(), ServiceUnavailable),
        (kafka_errors.UnknownError(), ServiceUnavailable),
        (kafka_errors.KafkaStorageError(), ServiceUnavailable),
        (kafka_errors.SaslAuthenticationFailedError(), ConfigurationError),
        (kafka_errors.GroupAuthorizationFailedError(), ConfigurationError),
        (kafka_errors.InvalidReplicationFactorError("the\nwhole request"), ConfigurationError),
    ],
)
def test_what_people_have_to_put_right_is_no_outage(
    error: kafka_errors.KafkaError, kind: type[PipelineError]
) -> None:
    found = failure(kafka(), error)
    assert type(found) is kind
    assert "\n" not in str(found)
    assert "request)" not in str(found)
