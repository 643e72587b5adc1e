"""A real Elasticsearch refuses each role what is not its work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import cache, partial

import pytest
from elasticsearch import AuthorizationException, BadRequestError, Elasticsearch

from pipeline.errors import ConfigurationError
from pipeline.index.client import connect, outage_as_error
from pipeline.index.names import write_alias
from pipeline.index.provision import Provision, setup
from pipeline.index.rights import Reach, role, role_name
from pipeline.settings import Settings
from tests.integration.access.secure_elasticsearch import SecureElasticsearch, administrator
from tests.running import pipeline
from tests.stacks import line_settings, stack_settings

FOREIGN = "payroll"
MONTH = "2026.03"

Attempt = Callable[[Elasticsearch, Settings], object]


def news(line: Settings) -> str:
    return f"{line.index.articles}-{MONTH}"


def health(line: Settings) -> str:
    return f"{line.index.health}-{MONTH}"


# Each with those who may do it; what nobody may do is what a stolen key is wanted for.
ATTEMPTS: dict[str, tuple[Attempt, frozenset[Reach]]] = {
    "make a user": (
        lambda client, _: client.security.put_user(
            username="mallory", password="a-password", roles=["superuser"]
        ),
        frozenset(),
    ),
    "make a role": (
        lambda client, _: client.security.put_role(name="mallory", cluster=["all"]),
        frozenset(),
    ),
    "make a key": (
        lambda client, _: client.security.create_api_key(name="mallory"),
        frozenset(),
    ),
    "list users": (lambda client, _: client.security.get_user(), frozenset()),
    "change the cluster": (
        lambda client, _: client.cluster.put_settings(
            transient={"cluster.routing.allocation.enable": "all"}
        ),
        frozenset(),
    ),
    "read what is not the line's": (
        lambda client, _: client.search(index=FOREIGN),
        frozenset(),
    ),
    "write what is not the line's": (
        lambda client, _: client.index(index=FOREIGN, document={"a": 1}),
        frozenset(),
    ),
    "remove what is not the line's": (
        lambda client, _: client.indices.delete(index=f"{FOREIGN}-spare"),
        frozenset(),
    ),
    "close an index": (
        lambda client, line: client.indices.close(index=f"{line.index.articles}-2026.04"),
        frozenset(),
    ),
    "read news": (
        lambda client, line: client.search(index=line.index.articles),
        frozenset(Reach) - {Reach.HEALTH},
    ),
    "write news": (
        lambda client, line: client.index(
            index=write_alias(news(line)), id="a", document={"title": "made up"}
        ),
        frozenset({Reach.SETUP, Reach.INDEX, Reach.REPAIR}),
    ),
    "take an article out": (
        lambda client, line: client.options(ignore_status=404).delete(
            index=write_alias(news(line)), id="b"
        ),
        frozenset({Reach.INDEX, Reach.REPAIR}),
    ),
    "remove a month": (
        lambda client, line: client.indices.delete(
            index=f"{line.index.articles}-2020.01", ignore_unavailable=True
        ),
        frozenset({Reach.INDEX, Reach.REPAIR}),
    ),
    "change the mappings of news": (
        lambda client, line: client.indices.put_mapping(index=news(line), properties={}),
        frozenset({Reach.SETUP, Reach.INDEX, Reach.REPAIR}),
    ),
    "put a template": (
        lambda client, line: client.indices.put_index_template(
            name=f"{line.index.articles}-test", index_patterns=[f"{line.index.articles}-test-*"]
        ),
        frozenset({Reach.SETUP, Reach.INDEX, Reach.REPAIR}),
    ),
    "tell of its health": (
        lambda client, line: client.index(index=write_alias(health(line)), document={}),
        frozenset(Reach) - {Reach.READER, Reach.CHECK},
    ),
}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return line_settings(stack_settings(tmp_path_factory.mktemp("line")))


@pytest.fixture(scope="module")
def clients(
    secured_index: SecureElasticsearch, line: Settings
) -> Iterator[Callable[[Reach | None], Elasticsearch]]:
    opened = []

    @cache
    def of(reach: Reach) -> Elasticsearch:
        chosen = secured_index.settings(line, role(reach, line.index)).elasticsearch
        assert chosen.api_key is not None
        key = chosen.api_key.get_secret_value()
        opened.append(Elasticsearch(list(chosen.hosts), api_key=key, max_retries=0))
        return opened[-1]

    yield of
    for each in opened:
        each.close()


@pytest.fixture(scope="module", autouse=True)
def filled(secured_index: SecureElasticsearch, line: Settings) -> None:
    asyncio.run(_fill(secured_index.settings(line, None)))


async def _fill(line: Settings) -> None:
    async with connect(line.elasticsearch) as client:
        await setup(client, line.index)
        months = [news(line), f"{line.index.articles}-2026.04", health(line)]
        await Provision(client, line.index).ensure(months)
        for index in (FOREIGN, f"{FOREIGN}-spare"):
            await client.indices.create(index=index)


def refused(attempt: Callable[[], object]) -> bool:
    """Whether security says no; what it lets through may be wrong in itself."""
    try:
        attempt()
    except AuthorizationException:
        return True
    except BadRequestError:
        return False
    return False


@pytest.mark.parametrize("name", ATTEMPTS)
@pytest.mark.parametrize("reach", Reach)
def test_a_role_can_do_its_work_and_nothing_else(
    clients: Callable[[Reach], Elasticsearch], line: Settings, reach: Reach, name: str
) -> None:
    attempt, may = ATTEMPTS[name]
    assert refused(partial(attempt, clients(reach), line)) == (reach not in may)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_administrator_is_refused_none_of_it(
    secured_index: SecureElasticsearch, line: Settings, name: str
) -> None:
    attempt, _ = ATTEMPTS[name]
    with administrator(secured_index.url) as client:
        assert not refused(partial(attempt, client, line))


async def test_who_is_refused_is_told_what_the_role_lacks(
    secured_index: SecureElasticsearch, line: Settings
) -> None:
    chosen = secured_index.settings(line, role(Reach.HEALTH, line.index)).elasticsearch
    async with connect(chosen) as client:
        with pytest.raises(ConfigurationError) as told, outage_as_error(chosen):
            await client.search(index=line.index.articles)
    assert f"lacks indices:data/read/search on {line.index.articles} (roles:" in str(told.value)
    assert "\n" not in str(told.value)


async def test_the_roles_are_put_in_place_by_a_command(
    secured_index: SecureElasticsearch, line: Settings
) -> None:
    powerful, reader = (
        secured_index.settings(line, allowed) for allowed in (None, role(Reach.READER, line.index))
    )
    done = pipeline(powerful, "rights", "elasticsearch", "--apply")
    assert done.returncode == 0, done.stderr
    with administrator(secured_index.url) as client:
        stored = client.security.get_role().body
    wanted = role(Reach.INDEX, line.index)
    kept = stored[role_name(line.index, Reach.INDEX)]
    assert {role_name(line.index, each) for each in Reach} <= stored.keys()
    assert kept["cluster"] == wanted["cluster"]
    assert [each["names"] for each in kept["indices"]] == [
        each["names"] for each in wanted["indices"]
    ]
    refusal = pipeline(reader, "rights", "elasticsearch", "--apply")
    assert refusal.returncode == ConfigurationError.exit_code
    assert "access denied (HTTP 403)" in refusal.stderr
