"""What `pipeline check` finds on real servers after damage of each kind, and what it mends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pipeline.errors import ServiceUnavailable
from pipeline.index import fields
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import EnrichedArticle, encode
from pipeline.runner.line import measure_lags
from pipeline.settings import Settings
from tests.fakes.debates import a_debate
from tests.integration.shelf import Shelf
from tests.running import pipeline, pipeline_json, running
from tests.stacks import updated
from tests.waiting import eventually

ARTICLES = 40


@pytest.fixture
def quick(shelf: Shelf) -> Settings:
    return updated(shelf.settings, {"workers": {"restart_backoff_seconds": 0.2}})


def debates(revision: int) -> list[EnrichedArticle]:
    return [
        a_debate(
            id=f"{number + 1:032x}",
            url=f"https://courier.example/{number}",
            canonical_url=f"https://courier.example/{number}",
            title=f"Debate {number}, version {revision}",
            statements=3,
            revision=revision,
        )
        for number in range(ARTICLES)
    ]


async def enriched(line: Settings, values: list[bytes]) -> None:
    topic = line.topics.enriched
    messages = [Message(topic=topic, key=b"k%d" % n, value=each) for n, each in enumerate(values)]
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(messages)


def drained(line: Settings) -> bool:
    try:
        with Cluster(line.kafka) as cluster:
            return measure_lags(cluster, line).index == 0
    except ServiceUnavailable:  # a new Kafka has no group coordinator yet
        return False


@pytest.fixture
def indexing(quick: Settings) -> Iterator[Settings]:
    assert pipeline(quick, "setup").returncode == 0
    with running(quick, "work", "index"):
        yield quick


def kinds(report: Any) -> dict[str, int]:
    return {finding["kind"]: finding["count"] for finding in report["findings"]}


def checked(line: Settings, *options: str) -> Any:
    done = pipeline(line, "check", *options)
    assert done.returncode in {0, 1}, done.stderr
    return done


def revisions(articles: Mapping[str, Any]) -> dict[str, int]:
    return {each: document[fields.REVISION] for each, document in articles.items()}


async def test_a_sound_line_is_found_sound_and_says_so(indexing: Settings) -> None:
    versions = [encode(each) for revision in (1, 2) for each in debates(revision)]
    await enriched(indexing, [*versions, b"{", b"\xff"])
    assert eventually(lambda: drained(indexing))
    report = pipeline_json(indexing, "check")
    assert report["findings"] == []
    assert (report["produced"], report["indexed"], report["dead_letters"]) == (
        ARTICLES,
        ARTICLES,
        2,
    )
    assert "nothing is wrong" in checked(indexing).stdout


OF_1: dict[str, Any] = {"version": 1, "version_type": "external_gte"}


async def delete(shelf: Shelf, index: str, document: str) -> None:
    """As of its own version: a later one would keep the document out for a minute."""
    await shelf.client.delete(index=index, id=document, version=2, version_type="external_gte")


async def test_damage_of_each_kind_is_found_and_mended(indexing: Settings, shelf: Shelf) -> None:
    await enriched(indexing, [encode(each) for revision in (1, 2) for each in debates(revision)])
    assert eventually(lambda: drained(indexing))
    articles, statements = await shelf.articles(), await shelf.statements()
    (index,) = {each["_index"] for each in articles.values()}
    of_statements = next(iter(statements.values()))["_index"]
    ids = sorted(articles)
    await delete(shelf, index, ids[0])
    for ordinal in (1, 2, 3):
        await delete(shelf, of_statements, f"{ids[0]}-{ordinal}")
    await delete(shelf, of_statements, f"{ids[1]}-2")
    stray = {name: each for name, each in statements[f"{ids[2]}-1"].items() if name != "_index"}
    await shelf.client.index(index=of_statements, id=f"{ids[2]}-7", document=stray, **OF_1)
    for kept, document in (await shelf.revisions()).items():
        if kept.startswith(ids[3]):
            await shelf.client.delete(index=document["_index"], id=kept)
    found = checked(indexing)
    assert found.returncode == 1
    assert "39 are indexed" in found.stdout
    done = pipeline(indexing, "check", "--json")
    assert done.returncode == 1
    assert kinds(json.loads(done.stdout)) == {"lost": 2, "statements": 2, "revisions": 1}
    mended = pipeline_json(indexing, "check", "--repair")
    assert mended["findings"] == []
    assert revisions(await shelf.articles()) == revisions(articles)
    assert len(await shelf.statements()) == len(statements)
    assert len(await shelf.revisions()) == ARTICLES
