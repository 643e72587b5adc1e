"""Every panel has an answer from a real Elasticsearch; Kibana itself is not among the servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from prometheus_client import Counter

from pipeline import metrics
from pipeline.feeds.poll import PollOutcome
from pipeline.health.counters import Increase
from pipeline.health.documents import (
    HealthDocument,
    count_documents,
    lag_documents,
    poll_document,
)
from pipeline.index import fields
from pipeline.index.bulk import bulk_once
from pipeline.index.bulk_outcome import Ok
from pipeline.index.provision import Provision
from pipeline.kibana.views import views
from pipeline.records import EnrichedArticle, Entity, FeedState, Source
from tests import dashboards
from tests.fakes.annotated import GOLDEN, golden
from tests.fakes.debates import a_debate
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf


def articles() -> list[EnrichedArticle]:
    """All golden cases, over days and sources, with what they lack themselves: a place, a copy, a
    text that was not annotated, and statements with a medium, an addressee and a stance."""
    cases = sorted(path.name for path in GOLDEN.iterdir() if (path / "article.txt").is_file())
    found = [
        golden(
            name,
            published_at=NOW - timedelta(hours=7 * number),
            feed_id=f"feed-{number % 3}",
            source=Source(name=f"Source {number % 5}", domain="courier.example", country="CH"),
        )
        for number, name in enumerate(cases)
    ]
    debate = a_debate(published_at=NOW - timedelta(days=2), feed_id="feed-0", summary="In short")
    copy = a_debate(
        url="https://herald.example/debate",
        title="The same debate",
        published_at=NOW - timedelta(days=1),
        source=Source(name="The Herald", domain="herald.example"),
    )
    copy = replace(copy, story_id=debate.story_id)
    foreign = a_debate(
        statements=0,
        url="https://courier.example/foreign",
        language="de",
        published_at=NOW - timedelta(days=3),
        feed_id="feed-1",
        truncated=True,
    )
    return [*found, with_every_type(debate), copy, replace(foreign, not_annotated="language")]


def with_every_type(enriched: EnrichedArticle) -> EnrichedArticle:
    """With one more entity for each type there is a field for."""
    known = enriched.annotations.entities
    more = tuple(
        Entity(name=f"a {label}", type=label, mentions=known[0].mentions)
        for label in fields.ENTITY_TYPES
    )
    return replace(enriched, annotations=replace(enriched.annotations, entities=known + more))


def health() -> list[HealthDocument]:
    """Polls of feeds in every state, lags, and something of every counter."""
    polls = [poll_document(each, "feeds") for each in polled()]
    lags = lag_documents({"enrich": 3, "index": 0, "backfill": 9}, "index", NOW)
    counters = [each for each in vars(metrics).values() if isinstance(each, Counter)]
    grown = [
        Increase(counter.describe()[0].name, dict.fromkeys(counter._labelnames, "x"), 2)
        for counter in counters
    ]
    statuses = ("indexed", "unchanged", "duplicate", "dead-lettered")
    grown += [Increase("news_articles", {"status": status}, 5) for status in statuses]
    return [*polls, *lags, *count_documents(grown, "index", "p1", NOW)]


def polled() -> Iterator[PollOutcome]:
    fine = FeedState(
        feed_id="feed-0",
        url="https://courier.example/rss",
        polled_at=NOW,
        new_per_day=3.5,
        next_poll_at=NOW + timedelta(hours=1),
    )
    failing = replace(fine, feed_id="feed-1", failures=3, error="status 503")
    waiting = replace(fine, feed_id="feed-2", tries={"a": 1})
    gone = replace(fine, feed_id="feed-3", gone=True, failures=1, error="status 410")
    yield PollOutcome(feed_id="feed-0", outcome="new", state=fine, published=4)
    yield PollOutcome(feed_id="feed-1", outcome="failed", state=failing)
    yield PollOutcome(feed_id="feed-2", outcome="unchanged", state=waiting)
    yield PollOutcome(feed_id="feed-3", outcome="failed", state=gone)


async def filled(shelf: Shelf) -> Shelf:
    await shelf.indexer().index(articles())
    operations = [each.operation(shelf.index.health) for each in health()]
    await Provision(shelf.client, shelf.index).ensure({each.index for each in operations})
    assert set(await bulk_once(shelf.client, operations)) == {Ok()}
    await shelf.client.indices.refresh(index=",".join(shelf.index.aliases), ignore_unavailable=True)
    return shelf


async def test_every_chart_has_something_to_show(shelf: Shelf) -> None:
    await filled(shelf)
    aliases = {view.id: view.alias for view in views(shelf.index).all()}
    empty = []
    for layer in dashboards.layers(dashboards.objects(shelf.index)):
        answer = await shelf.client.search(
            index=aliases[layer.view],
            body=dashboards.request(layer),
            allow_partial_search_results=False,
        )
        if not shows_something(layer, answer.body):
            empty.append(layer.where)
    assert empty == []


def shows_something(layer: dashboards.Layer, answer: dict[str, Any]) -> bool:
    """Buckets down to the last one; where there are none, documents, and a value of each metric."""
    found = answer["aggregations"] if layer.order[0] in answer.get("aggregations", {}) else {}
    if answer["hits"]["total"]["value"] == 0:
        return False
    return _has_values(layer, found, layer.buckets())


def _has_values(layer: dashboards.Layer, group: dict[str, Any], buckets: list[str]) -> bool:
    if not buckets:
        return all(_has_value(group[name]) for name in layer.metrics() if name in group)
    found = group[buckets[0]]["buckets"]
    each = found.values() if isinstance(found, dict) else found
    return any(part["doc_count"] and _has_values(layer, part, buckets[1:]) for part in each)


def _has_value(metric: dict[str, Any]) -> bool:
    if "doc_count" in metric:
        return bool(metric["doc_count"])
    value = metric["value"] if "value" in metric else next(iter(metric["values"].values()))
    return value is not None


async def test_every_value_of_a_filters_chart_is_met(shelf: Shelf) -> None:
    await filled(shelf)
    aliases = {view.id: view.alias for view in views(shelf.index).all()}
    unmet = []
    for layer in dashboards.layers(dashboards.objects(shelf.index)):
        for column in layer.columns.values():
            for each in column["params"].get("filters", ()):
                text = each["input"]["query"]
                answer = await shelf.client.count(
                    index=aliases[layer.view], query=dashboards.query(text)
                )
                if not answer["count"]:
                    unmet.append((layer.where, text))
    assert unmet == []


async def test_every_control_offers_something(shelf: Shelf) -> None:
    await filled(shelf)
    aliases = {view.id: view.alias for view in views(shelf.index).all()}
    for use in dashboards.uses(dashboards.objects(shelf.index)):
        if use.operation == "control":
            aggs = {"values": {"terms": {"field": use.field}}}
            answer = await shelf.client.search(index=aliases[use.view], size=0, aggs=aggs)
            assert answer["aggregations"]["values"]["buckets"], use


async def test_every_saved_search_lists_documents_with_its_columns(shelf: Shelf) -> None:
    await filled(shelf)
    aliases = {view.id: view.alias for view in views(shelf.index).all()}
    for search in dashboards.of_type(dashboards.objects(shelf.index), "search"):
        columns = search["attributes"]["columns"]
        answer = await shelf.client.search(
            index=aliases[search["references"][0]["id"]],
            sort=[{name: order} for name, order in search["attributes"]["sort"]],
            fields=columns,
            size=1_000,
        )
        shown = {name for hit in answer["hits"]["hits"] for name in hit["fields"]}
        assert shown == set(columns), search["id"]


async def test_every_layer_of_the_map_finds_places(shelf: Shelf) -> None:
    await filled(shelf)
    aliases = {view.id: view.alias for view in views(shelf.index).all()}
    (found,) = dashboards.of_type(dashboards.objects(shelf.index), "map")
    for source, view in dashboards.map_sources(found):
        request = dashboards.map_request(source)
        answer = await shelf.client.search(index=aliases[view], body=request)
        cells = answer.get("aggregations", {}).get("gridSplit", {}).get("buckets", [])
        assert cells or answer["hits"]["hits"], source["type"]
