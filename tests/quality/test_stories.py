"""How many near copies are linked with their first article, and how many links are right."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from pipeline.enrich import story_id
from pipeline.index.sketch import sketch
from pipeline.index.stories import Newcomer, Story, assign
from tests.fakes.records import NOW
from tests.quality.near_copies import ALIKE, Pair, originals, pairs, similarity

ARTICLES = 3_000
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return originals(ARTICLES)


@pytest.fixture(scope="module")
def made(texts: list[str]) -> list[Pair]:
    return list(pairs(texts))


def stories(texts: list[str], made: list[Pair]) -> dict[str, Story]:
    """Of all originals and then all that was made of them, in any order among themselves."""
    newcomers = [_newcomer(f"original {number}", text) for number, text in enumerate(texts)]
    newcomers += [_newcomer(f"made {pair.original}", pair.text, hours=1) for pair in made]
    return assign(random.Random(0).sample(newcomers, len(newcomers)), [], WEEK)


def _newcomer(name: str, text: str, hours: int = 0) -> Newcomer:
    time = NOW + timedelta(hours=hours)
    return Newcomer(
        article_id=name, text_id=story_id(text), first_seen_at=time, sketch=sketch(text)
    )


def test_near_copies_are_linked_and_others_are_not(
    texts: list[str], made: list[Pair], floors: dict[str, Any]
) -> None:
    found = stories(texts, made)
    written = {f"original {number}": text for number, text in enumerate(texts)}
    written |= {f"made {pair.original}": pair.text for pair in made}
    linked = {name: story.copy_of for name, story in found.items() if story.copy_of is not None}
    right = sum(
        similarity(written[name], written[first]) >= ALIKE for name, first in linked.items()
    )
    copies = [pair for pair in made if pair.is_copy]
    met = sum(linked.get(f"made {pair.original}") == f"original {pair.original}" for pair in copies)
    precision, recall = right / len(linked), met / len(copies)
    near_miss = sum(0.6 <= pair.similarity < ALIKE for pair in made)
    just_so = sum(ALIKE <= pair.similarity < 0.9 for pair in made)
    print(  # noqa: T201 (to be read with pytest -s)
        f"{len(found)} articles, {len(copies)} copies ({just_so} below 0.9), "
        f"{len(made) - len(copies)} others ({near_miss} above 0.6): "
        f"precision {precision:.4f}, recall {recall:.4f}"
    )
    assert min(near_miss, just_so) > ARTICLES / 20, "the hard cases are there"
    assert precision >= floors["stories"]["precision"]
    assert recall >= floors["stories"]["recall"]


def test_bands_find_copies_that_are_only_just_alike(
    texts: list[str], made: list[Pair], floors: dict[str, Any]
) -> None:
    hard = [pair for pair in made if ALIKE <= pair.similarity < 0.85]
    met = sum(
        bool(set(sketch(pair.text).bands) & set(sketch(texts[pair.original]).bands))
        for pair in hard
    )
    print(f"{len(hard)} pairs from 0.80 to 0.85: recall {met / len(hard):.4f}")  # noqa: T201 (as above)
    assert met / len(hard) >= floors["stories"]["recall just alike"]
