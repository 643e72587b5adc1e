"""Whose word counts, whatever workers, kills and orders of arrival there are."""

from __future__ import annotations

import asyncio
import random

import pytest
from msgspec.structs import replace

from pipeline.index import fields
from pipeline.index.words import word_of
from pipeline.records import EnrichedArticle, Origin, Source, rank
from tests.fakes.debates import debate_at
from tests.fakes.records import NOW
from tests.integration.index.test_homes import deliver, everything, shared_out
from tests.integration.shelf import Shelf

ORIGINS: tuple[Origin | None, ...] = (None, "archive", "page", "own")


def told(chance: random.Random, addresses: int) -> list[EnrichedArticle]:
    """Several versions of each address, each by somebody else and of another time."""
    return [
        version(chance, f"https://x.example/{address}", revision)
        for address in range(addresses)
        for revision in range(1, chance.randint(2, 6))
    ]


def version(chance: random.Random, url: str, revision: int) -> EnrichedArticle:
    """By anybody, with one of four texts."""
    origin, statements = chance.choice(ORIGINS), chance.randint(1, 4)
    made = debate_at(
        NOW,
        url=url,
        revision=revision,
        fetched_at=NOW,
        origin=origin,
        title=f"{chance.random()}",
        statements=statements,
        feed_id=f"{origin}-{revision}",
        source=Source(name=f"{origin} of {revision}"),
    )
    return replace(made, story_id=f"{url[-2:]:0>16}{statements:016}".replace("/", "0"))


@pytest.mark.parametrize("seed", range(3))
async def test_two_workers_that_are_killed_end_in_the_publishers_word(
    shelf: Shelf, seed: int
) -> None:
    chance = random.Random(seed)
    articles = told(chance, addresses=40)
    lines = [shared_out(chance, articles, size=15) for _ in range(2)]
    await asyncio.gather(
        *(deliver(shelf, random.Random(seed + n), each) for n, each in enumerate(lines))
    )
    found = dict(await everything(shelf, shelf.index.articles))
    statements = await everything(shelf, shelf.index.statements)
    assert set(found) == {each.article.id for each in articles}
    for key, document in found.items():
        versions = [each for each in articles if each.article.id == key]
        assert_told_by_the_best(document, versions)
        mine = [source for name, source in statements if name.startswith(key)]
        assert len(mine) == document[fields.STATEMENT_COUNT]
        assert {each[fields.SOURCE] for each in mine} <= {document[fields.SOURCE]}


def assert_told_by_the_best(document: dict[str, object], versions: list[EnrichedArticle]) -> None:
    """Text and title are those of the highest standing, the rest of the highest rank."""
    counts = max(versions, key=lambda each: each.article.standing).article
    best = max(versions, key=lambda each: (rank(each.article.origin), each.article.revision))
    assert document[fields.TEXT] == counts.text
    same_text = {each.article.origin for each in versions if each.article.text == counts.text}
    assert document.get(fields.ORIGIN) in same_text
    word = word_of(best.article)
    assert document[fields.SOURCE] == word.source.name
    assert document.get(fields.TOLD_BY) == word.origin
    assert document[fields.SEEN_IN] == sorted(each.article.feed_id or "" for each in versions)
