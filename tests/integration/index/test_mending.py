"""What earlier faults left is put right, and nothing is lost when that is killed in the middle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from pipeline.index import IndexStatus, fields
from pipeline.index.documents import milliseconds
from pipeline.index.doubles import heal_doubles
from pipeline.index.mend import heal_clocks, indices_not_ours, rebuild
from pipeline.index.names import homes_index
from tests.contract.revisions import history
from tests.fakes.debates import a_debate, debate_at
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

LATER = NOW + timedelta(days=40)


class Killed(Exception):
    """Here."""


class Mortal:
    """A client whose process is killed at its ``at``-th request of any kind."""

    def __init__(self, client: Any, at: int, asked: list[int] | None = None) -> None:
        self._client = client
        self._at = at
        self._asked = asked if asked is not None else [0]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name in {"indices", "cluster"}:
            return Mortal(found, self._at, self._asked)

        async def request(**parameters: Any) -> Any:
            self._asked[0] += 1
            if self._asked[0] == self._at:
                raise Killed
            return await found(**parameters)

        return request


async def killed_until_through(run: Callable[[Any], Any], client: Any, step: int) -> None:
    """Kill it at each ``step``-th request in turn, and do it again."""
    for at in count(1, step):
        try:
            await run(Mortal(client, at))
        except Killed:
            continue
        return


async def swallowed(shelf: Shelf, articles: int) -> None:
    """As an earlier version left it, when it was emptied under it: indices that guess."""
    await shelf.indexer().index(
        [a_debate(url=f"https://x.example/{n}", statements=1) for n in range(articles)]
    )
    documents = {
        f"{alias}-2026.03": found
        for alias, found in (
            (shelf.index.articles, await shelf.articles()),
            (shelf.index.statements, await shelf.statements()),
        )
    }
    await shelf.forget()
    for index, found in documents.items():
        lines: list[dict[str, Any]] = []
        for key, source in found.items():
            own = {name: value for name, value in source.items() if name != "_index"}
            version = {"version": own[fields.REVISION], "version_type": "external_gte"}
            lines += [{"index": {"_index": index, "_id": key} | version}, own]
        await shelf.client.bulk(operations=lines, refresh=True)


@pytest.mark.parametrize("step", [1_000, 7])
async def test_an_index_that_guesses_is_rebuilt(shelf: Shelf, step: int) -> None:
    await swallowed(shelf, 12)
    assert await shelf.articles() == {}
    names = [f"{alias}-2026.03" for alias in (shelf.index.articles, shelf.index.statements)]
    assert await indices_not_ours(shelf.client, shelf.index) == sorted(names)
    for name in names:
        await killed_until_through(
            lambda client, name=name: rebuild(client, shelf.index, name), shelf.client, step
        )
    assert await indices_not_ours(shelf.client, shelf.index) == []
    assert len(await shelf.articles()) == len(await shelf.statements()) == 12
    (outcome,) = await shelf.indexer().index([a_debate(url="https://x.example/3", statements=1)])
    assert outcome.status is IndexStatus.UNCHANGED


@pytest.mark.parametrize("revision", [2**53, 2**63 - 1])
@pytest.mark.parametrize("step", [1_000, 7])
async def test_a_revision_from_the_future_is_healed_and_takes_corrections(
    shelf: Shelf, revision: int, step: int
) -> None:
    future = a_debate(statements=3, revision=milliseconds(LATER), fetched_at=NOW)
    other = a_debate(url="https://x.example/other")
    await shelf.indexer().index([future, other])
    await _brought_forward(shelf, future.article.id, revision)
    await killed_until_through(
        lambda client: heal_clocks(client, shelf.index, LATER), shelf.client, step
    )
    assert len(await shelf.articles()) == 2
    assert len(await shelf.statements()) == 5
    assert await heal_clocks(shelf.client, shelf.index, LATER) == 0
    correction = a_debate(
        title="Right", statements=1, revision=milliseconds(LATER) + 5, fetched_at=LATER
    )
    (outcome,) = await shelf.indexer().index([correction])
    assert outcome.status is IndexStatus.INDEXED
    statements = await shelf.statements()
    mine = [each for key, each in statements.items() if key.startswith(future.article.id)]
    assert [each[fields.REVISION] for each in mine] == [milliseconds(LATER) + 5]


async def _brought_forward(shelf: Shelf, article_id: str, revision: int) -> None:
    """As it was written before revisions from the future were refused."""
    version = {"version": revision, "version_type": "external_gte"}
    for found in (await shelf.articles(), await shelf.statements()):
        lines: list[dict[str, Any]] = []
        for key, source in found.items():
            if key.startswith(article_id):
                own = {name: value for name, value in source.items() if name != "_index"}
                target = {"_index": source["_index"], "_id": key}
                lines += [{"index": target | version}, own | {fields.REVISION: revision}]
        await shelf.client.bulk(operations=lines, refresh=True)


@pytest.mark.parametrize("newest_at_home", [True, False])
@pytest.mark.parametrize("step", [1_000, 1])
async def test_an_article_of_two_months_becomes_one(
    shelf: Shelf, newest_at_home: bool, step: int
) -> None:
    """As it came to be before there were homes."""
    april = NOW + timedelta(days=31)
    march = debate_at(NOW, title="March", statements=3, revision=9 if newest_at_home else 1)
    await shelf.indexer().index([march])
    await shelf.client.indices.refresh(index=shelf.index.homes)
    await shelf.client.delete(index=homes_index(shelf.index.homes), id=march.article.id)
    await shelf.indexer().index([debate_at(april, title="April", statements=1, revision=4)])
    await shelf.client.delete(index=homes_index(shelf.index.homes), id=march.article.id)
    await killed_until_through(
        lambda client: heal_doubles(client, shelf.index, [march.article.id]), shelf.client, step
    )
    versions = [(4, "April"), (9, "March")] if newest_at_home else [(1, "March"), (4, "April")]
    assert await history(shelf) == versions
    found = await shelf.client.search(index=shelf.index.articles)
    assert [hit["_index"][-7:] for hit in found["hits"]["hits"]] == ["2026.03"]
    await shelf.client.indices.refresh(index=shelf.index.statements)
    statements = await shelf.client.search(index=shelf.index.statements)
    assert [hit["_source"][fields.REVISION] for hit in statements["hits"]["hits"]] == (
        [9, 9, 9] if newest_at_home else [4]
    )
