"""The connection is made from the settings, and failures are told in one line."""

from __future__ import annotations

from typing import Any

import pytest
from elastic_transport import TlsError
from elasticsearch import ConnectionTimeout
from pydantic import SecretStr

from pipeline import settings
from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.index.client import connect, describe, outage_as_error, wait_until_ready
from pipeline.settings import ElasticsearchSettings
from tests.fakes.elasticsearch import api_error


def chosen(**changes: Any) -> ElasticsearchSettings:
    return settings.load().elasticsearch.model_copy(update=changes)


class Cluster:
    """A cluster that fails so often, then is healthy."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.cluster = self

    async def health(self) -> dict[str, str]:
        self.failures -= 1
        if self.failures >= 0:
            raise ConnectionTimeout("no answer")
        return {"status": "yellow"}


@pytest.mark.parametrize(
    ("changes", "header"),
    [
        ({"api_key": SecretStr("a2V5")}, "ApiKey a2V5"),
        ({"username": "u", "password": SecretStr("p")}, "Basic dTpw"),
        ({}, None),
    ],
)
async def test_credentials_of_the_settings_are_sent(
    changes: dict[str, Any], header: str | None
) -> None:
    client = connect(chosen(**changes))
    assert client._headers.get("authorization") == header
    await client.close()


@pytest.mark.parametrize("host", ["127.0.0.1:9200", "http://nowhere", "nonsense"])
def test_a_host_that_is_no_address_with_port_is_named_a_configuration_error(host: str) -> None:
    with pytest.raises(ConfigurationError, match="elasticsearch"):
        connect(chosen(hosts=(host,)))


async def test_certificates_are_for_https_only() -> None:
    client = connect(chosen(hosts=("http://127.0.0.1:9200",), verify_certs=False))
    await client.close()


async def test_waiting_goes_on_until_the_cluster_answers_and_says_so_now_and_then() -> None:
    told: list[str] = []
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await wait_until_ready(Cluster(failures=61), told.append, sleep=sleep)  # type: ignore[arg-type]
    assert len(waits) == 61
    assert told == ["waiting for Elasticsearch: no answer (ConnectionTimeout)"] * 3


def test_a_failure_is_described_without_what_was_sent() -> None:
    assert describe(api_error(500)) == "HTTP 500"
    assert "api_key" in describe(api_error(401))
    assert "secret" not in describe(api_error(403, {"error": {"reason": "a secret"}}))


@pytest.mark.parametrize(
    ("error", "remedy"),
    [(ConnectionTimeout("no"), "pipeline up"), (api_error(503), "pipeline status")],
)
def test_an_outage_is_an_error_with_its_remedy_for_those_who_do_not_wait(
    error: Exception, remedy: str
) -> None:
    with pytest.raises(ServiceUnavailable, match=remedy), outage_as_error(chosen()):
        raise error


@pytest.mark.parametrize("error", [TlsError("no"), api_error(401), api_error(403)])
def test_what_is_refused_is_no_outage_and_names_the_setting_to_look_at(error: Exception) -> None:
    with (
        pytest.raises(ConfigurationError, match=r"check elasticsearch\."),
        outage_as_error(chosen()),
    ):
        raise error
