"""What is posted to Kibana, and what its answers mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from pipeline import settings
from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.kibana.importer import import_url, post, read_answer
from pipeline.settings import KibanaSettings
from tests.fakes.kibana import FakeKibana, serving
from tests.stacks import free_ports

OBJECTS = b'{"type":"dashboard"}\n'
DEFAULT = settings.load().kibana


def chosen(kibana: FakeKibana | None = None, **changes: Any) -> KibanaSettings:
    address = {"url": kibana.url} if kibana else {}
    return DEFAULT.model_copy(update=address | changes)


async def test_the_objects_are_posted_as_a_file_over_what_is_there() -> None:
    async with serving(FakeKibana()) as kibana:
        imported = await post(OBJECTS, chosen(kibana))
    assert imported.success_count == 3
    assert kibana.path == "/api/saved_objects/_import?overwrite=true"
    assert kibana.headers["kbn-xsrf"]
    assert kibana.file == OBJECTS
    assert kibana.file_name.endswith(".ndjson")  # Kibana refuses other names


async def test_without_credentials_none_are_sent() -> None:
    async with serving(FakeKibana()) as kibana:
        await post(OBJECTS, chosen(kibana))
    assert "Authorization" not in kibana.headers


async def test_a_key_is_sent_and_wins_over_a_name() -> None:
    async with serving(FakeKibana()) as kibana:
        key = {"api_key": SecretStr("a2V5"), "username": "u", "password": SecretStr("p")}
        await post(OBJECTS, chosen(kibana, **key))
    assert kibana.headers["Authorization"] == "ApiKey a2V5"


async def test_a_name_is_sent_with_its_password() -> None:
    async with serving(FakeKibana()) as kibana:
        await post(OBJECTS, chosen(kibana, username="zoë", password=SecretStr("p")))
    assert kibana.headers["Authorization"] == "Basic em/Dqzpw"


def test_a_space_has_an_address_of_its_own() -> None:
    address = import_url(chosen(url="https://kibana.example/base", space="news"))
    assert address.startswith("https://kibana.example/base/s/news/api/saved_objects/_import?")


REFUSED = {
    "success": False,
    "successCount": 1,
    "errors": [
        {
            "type": "dashboard",
            "id": "news-pipeline-overview",
            "title": "News overview",
            "meta": {"icon": "dashboardApp"},
            "error": {"type": "unknown", "message": "Document is newer\nthan Kibana"},
        },
        {"type": "search", "id": "other", "error": {"type": "missing_references"}},
    ],
}


@pytest.mark.parametrize(
    ("status", "answer", "error", "said"),
    [
        (401, {"message": "Unauthorized"}, ConfigurationError, "access denied (HTTP 401)"),
        (403, "", ConfigurationError, "access denied (HTTP 403)"),
        (302, "", ConfigurationError, "check the address"),
        (404, {"message": "Not Found"}, ConfigurationError, "HTTP 404, Not Found"),
        (400, {"message": "Invalid file extension"}, ConfigurationError, "Invalid file extension"),
        (200, "<html>a login page</html>", ConfigurationError, "check the address"),
        (200, {"tagline": "You Know, for Search"}, ConfigurationError, "check the address"),
        (503, "not ready yet", ServiceUnavailable, "not ready"),
        (200, REFUSED, PipelineError, "Document is newer than Kibana (and 1 more)"),
        (200, {"success": False}, PipelineError, "does not say why"),
    ],
)
async def test_every_other_answer_is_an_error_that_says_what_to_do(
    status: int, answer: Any, error: type[PipelineError], said: str
) -> None:
    async with serving(FakeKibana(status, answer)) as kibana:
        with pytest.raises(error) as raised:
            await post(OBJECTS, chosen(kibana))
    assert said in str(raised.value)
    assert kibana.url in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_where_nothing_answers_it_is_an_outage() -> None:
    (port,) = free_ports(1)
    with pytest.raises(ServiceUnavailable, match="no answer"):
        await post(OBJECTS, chosen(url=f"http://127.0.0.1:{port}"))


async def test_a_bundle_of_certificates_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"kibana\.ca_certs"):
        await post(OBJECTS, chosen(url="https://127.0.0.1:1", ca_certs="/nowhere.pem"))


@given(st.sampled_from([200, 302, 400, 401, 404, 500, 503]), st.binary(max_size=200))
def test_no_answer_is_more_than_an_error_of_one_line(status: int, body: bytes) -> None:
    try:
        said = str(read_answer(status, body, DEFAULT))
    except PipelineError as error:
        said = str(error)
    assert len(said.splitlines()) == 1
