"""What the topics are made with."""

from __future__ import annotations

import pytest

from pipeline import settings
from pipeline.errors import ConfigurationError
from pipeline.kafka.cluster import topic_configs
from pipeline.kafka.connection import bootstrap_servers, client_options
from pipeline.settings import KafkaSettings

SETTINGS = settings.load()


def kafka(**changes: object) -> KafkaSettings:
    return KafkaSettings.model_validate(SETTINGS.kafka.model_dump() | changes)


def test_only_the_feed_states_are_compacted() -> None:
    configs = topic_configs(SETTINGS.topics, 1000)
    compacted = [n for n, c in configs.items() if c["configs"].get("cleanup.policy") == "compact"]
    assert compacted == [SETTINGS.topics.feeds]
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


def test_missing_certificates_are_named() -> None:
    with pytest.raises(ConfigurationError, match="certificates"):
        client_options(kafka(security_protocol="SSL", ssl_cafile="/nowhere/ca.pem"))
