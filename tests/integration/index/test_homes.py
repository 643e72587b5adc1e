"""One document for one id, whatever order, speed, months, workers and kills there are."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.index import IndexStatus, fields
from pipeline.index.bulk import bulk_once
from pipeline.index.homes import claims
from pipeline.index.periods import FIRST_MONTHLY
from pipeline.index.provision import setup
from pipeline.index.retention import apply_retention
from pipeline.records import EnrichedArticle
from tests.contract.revisions import Interrupted, history, titled
from tests.fakes.debates import debate_at
from tests.fakes.elastic_store import Killed, Mortal
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

MONTH = timedelta(days=31)


def capture(url: str, seen: datetime, **changes: Any) -> EnrichedArticle:
    """One address as an archive held it at ``seen``."""
    revision = int(seen.timestamp() * 1_000)
    return debate_at(seen, url=url, revision=revision, fetched_at=seen, **changes)


async def test_captures_of_several_months_that_no_search_finds_yet_are_one_article(
    shelf: Shelf,
) -> None:
    await setup(shelf.client, shelf.index.model_copy(update={"refresh_interval": "-1"}))
    for months in (2, 0, 1, 3):
        seen = NOW - months * MONTH
        batch = [capture(f"https://x.example/{n}", seen, title=f"{seen:%B}") for n in range(50)]
        await shelf.indexer().index(batch)
    answer = await shelf.client.indices.refresh(index=f"{shelf.index.articles}-*")
    assert answer["_shards"]["failed"] == 0
    found = await shelf.client.search(index=shelf.index.articles, size=1_000, source=False)
    ids = [hit["_id"] for hit in found["hits"]["hits"]]
    assert len(ids) == len(set(ids)) == 50


def captures(chance: random.Random, addresses: int, months: int) -> list[EnrichedArticle]:
    """Live news and what archives held of the same addresses: several revisions of each, with
    texts and numbers of statements that differ."""
    return [
        capture(
            f"https://x.example/{address}",
            NOW - chance.randrange(months) * MONTH + timedelta(seconds=chance.randrange(10**6)),
            title=f"{chance.random()}",
            statements=chance.randint(1, 4),
        )
        for address in range(addresses)
        for _ in range(chance.randint(1, 5))
    ]


async def deliver(shelf: Shelf, chance: random.Random, batches: Sequence[Any]) -> None:
    """A worker that is killed at random requests; what it had not acknowledged is read again."""
    for batch in batches:
        while True:
            at = chance.randint(1, 12) if chance.random() < 0.4 else 0
            client = Mortal(shelf.client, at, after=chance.random() < 0.5)
            try:
                outcomes = await shelf.indexer(client).index(batch)
            except Killed:
                continue
            assert all(each.reason is None for each in outcomes)
            break


def shared_out(chance: random.Random, articles: list[EnrichedArticle], size: int) -> list[Any]:
    """In any order."""
    mixed = chance.sample(articles, len(articles))
    return [mixed[start : start + size] for start in range(0, len(mixed), size)]


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_comes_through_whatever_workers_each_id_is_there_once_and_newest(
    shelf: Shelf, seed: int
) -> None:
    chance = random.Random(seed)
    articles = captures(chance, addresses=40, months=3)
    # Two workers read all of it, as when partitions move: each in an order of its own.
    lines = [shared_out(chance, articles, size=15) for _ in range(2)]
    await asyncio.gather(
        *(deliver(shelf, random.Random(seed + n), each) for n, each in enumerate(lines))
    )
    await assert_one_of_each(shelf, articles)


async def assert_one_of_each(shelf: Shelf, articles: list[EnrichedArticle]) -> None:
    """The newest revision is indexed, with its statements and no others; what it superseded and
    said something else is kept, once."""
    versions: dict[str, dict[int, EnrichedArticle]] = defaultdict(dict)
    for each in articles:
        versions[each.article.id][each.article.revision] = each
    found = await everything(shelf, shelf.index.articles)
    assert sorted(key for key, _ in found) == sorted(versions)
    statements = await everything(shelf, shelf.index.statements)
    for key, source in found:
        newest = versions[key][max(versions[key])]
        assert source[fields.CONTENT_SHA256] == newest.article.content_sha256
        mine = [each for name, each in statements if name.startswith(key)]
        assert len(mine) == len(newest.annotations.statements)
        assert {each[fields.REVISION] for each in mine} <= {source[fields.REVISION]}
    kept = [name for name, _ in await everything(shelf, shelf.index.revisions)]
    assert len(kept) == len(set(kept))
    texts = {
        (source[fields.ARTICLE_ID], source[fields.CONTENT_SHA256])
        for _, source in (*found, *await everything(shelf, shelf.index.revisions))
    }
    assert texts == {(each.article.id, each.article.content_sha256) for each in articles}


async def everything(shelf: Shelf, alias: str) -> list[tuple[str, dict[str, Any]]]:
    """Each document that a search finds, doubles too."""
    await shelf.client.indices.refresh(index=f"{alias}-*", allow_no_indices=True)
    answer = await shelf.client.search(index=alias, ignore_unavailable=True, size=10_000)
    return [(hit["_id"], hit["_source"]) for hit in answer["hits"]["hits"]]


async def test_an_overtaken_worker_knows_of_the_statements_it_writes_over(shelf: Shelf) -> None:
    """Both saw nothing; the older revision, with more statements, was faster."""
    old = titled("Old", 1, statements=3)
    client = Interrupted(shelf.client, lambda: shelf.indexer().index([old]))
    (outcome,) = await shelf.indexer(client).index([titled("New", 2, statements=1)])
    assert outcome.status is IndexStatus.INDEXED
    assert [s[fields.REVISION] for s in (await shelf.statements()).values()] == [2]
    assert await history(shelf) == [(1, "Old"), (2, "New")]


async def test_a_late_capture_of_a_month_that_retention_drops_is_passed_over_and_makes_no_index(
    shelf: Shelf,
) -> None:
    long_ago, now = NOW - 5 * MONTH, NOW + timedelta(days=40)
    await shelf.indexer().index([capture("https://x.example/1", long_ago)])
    chosen = {"retain_months": 2}
    late = capture("https://x.example/1", NOW, title="Late")
    old = capture("https://x.example/2", long_ago)
    outcomes = await shelf.indexer(**chosen).index([late, old])
    # The first is still in a month that is about to go: not beside it, and not in it.
    assert [each.status for each in outcomes] == [IndexStatus.EXPIRED] * 2
    await apply_retention(shelf.client, shelf.index.model_copy(update=chosen), now)
    outcomes = await shelf.indexer(**chosen).index([late, old])
    assert [each.status for each in outcomes] == [IndexStatus.INDEXED, IndexStatus.EXPIRED]
    indices = await shelf.client.indices.get(index=f"{shelf.index.articles}-*")
    assert list(indices) == [f"{shelf.index.articles}-2026.03"]


async def test_decades_of_archives_share_indices_by_year(shelf: Shelf) -> None:
    months = [
        datetime(year, month, 15, tzinfo=UTC) for year in range(2000, 2026) for month in (1, 12)
    ]
    batch = [capture(f"https://x.example/{n}", seen) for n, seen in enumerate(months)]
    for _ in range(2):  # the second time it finds them
        await shelf.indexer().index(batch)
    assert len(await everything(shelf, shelf.index.articles)) == len(months)
    for alias in (shelf.index.articles, shelf.index.statements):
        found = await shelf.client.indices.get(index=f"{alias}-*")
        assert len(found) == FIRST_MONTHLY - 2000 + 2
    keep = shelf.index.model_copy(update={"retain_months": 12 * 20 + 6})
    await apply_retention(shelf.client, keep, NOW)  # from September 2005 on
    left = await everything(shelf, shelf.index.articles)
    assert min(source[fields.FIRST_SEEN] for _, source in left).startswith("2005-01")
    homes = await everything(shelf, shelf.index.homes)
    assert {key for key, _ in homes} == {key for key, _ in left}


async def test_an_article_stays_in_the_month_that_an_earlier_version_gave_it(shelf: Shelf) -> None:
    long_ago = datetime(2019, 3, 10, tzinfo=UTC)
    article = capture("https://x.example/1", long_ago)
    await setup(shelf.client, shelf.index)
    claimed = {article.article.id: "2019.03"}
    await bulk_once(shelf.client, claims(shelf.index, claimed))
    await shelf.indexer().index([article])
    await shelf.indexer().index([capture("https://x.example/1", long_ago + MONTH, title="Later")])
    ((_, source),) = await everything(shelf, shelf.index.articles)
    assert source[fields.TITLE] == "Later"
    assert list(await shelf.client.indices.get(index=f"{shelf.index.articles}-2019*")) == [
        f"{shelf.index.articles}-2019.03"
    ]
