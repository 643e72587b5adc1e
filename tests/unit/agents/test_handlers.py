"""What the agents do with a batch: every message ends in one delivered record."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import Histogram

from pipeline import settings
from pipeline.agents.batch import RawMessage
from pipeline.agents.enrich import EnrichHandler
from pipeline.agents.index import IndexHandler
from pipeline.errors import Rejected
from pipeline.index import IndexOutcome, IndexStatus
from pipeline.index.outcome import REDELIVERED, UNCHANGED, indexed
from pipeline.kafka.ports import Message, fits
from pipeline.metrics import (
    ARTICLES,
    BATCH_MESSAGES,
    BATCH_SECONDS,
    DEAD_LETTERS,
    IN_FLIGHT,
    SEARCHABLE_SECONDS,
)
from pipeline.records import (
    Annotations,
    Article,
    DeadLetter,
    EnrichedArticle,
    IndexedArticle,
    Reason,
    Stage,
    decode,
    encode,
)
from pipeline.records.dead_letter import place_of
from pipeline.telemetry.logs import JsonFormatter
from pipeline.telemetry.spans import Span, Tracer
from pipeline.telemetry.trace import TraceContext, in_headers
from tests.fakes.gates import a_gate
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import MODEL, NOW, an_article, an_enriched_article

SETTINGS = settings.load()
TOPICS = SETTINGS.topics


def raw(
    value: bytes | None, offset: int = 0, headers: tuple[tuple[str, bytes | None], ...] = ()
) -> RawMessage:
    return RawMessage(
        topic=TOPICS.articles, partition=1, offset=offset, key=b"k", value=value, headers=headers
    )


async def without_annotations(
    articles: Sequence[Article], now: datetime
) -> list[EnrichedArticle | Rejected]:
    return [
        EnrichedArticle(
            article=article,
            annotations=Annotations(),
            story_id=article.id,
            model=MODEL,
            enriched_at=now,
        )
        if "crash" not in article.title
        else Rejected(Reason.NLP_CRASH, "died twice")
        for article in articles
    ]


def enrich_handler(publisher: FakePublisher, tracer: Tracer | None = None) -> EnrichHandler:
    gate = a_gate(Stage.ENRICH, publisher)
    return EnrichHandler(SETTINGS, without_annotations, publisher, lambda: NOW, gate, tracer)


def letters(publisher: FakePublisher) -> list[DeadLetter]:
    return [decode(m.value, DeadLetter) for m in publisher.of(TOPICS.dead_letters)]


def status(name: str) -> float:
    return ARTICLES.labels(name)._value.get()


async def test_an_article_is_enriched_under_its_id() -> None:
    publisher, article = FakePublisher(), an_article()
    await enrich_handler(publisher)([raw(encode(article))])
    (message,) = publisher.of(TOPICS.enriched)
    assert message.key == article.id.encode()
    assert decode(message.value, EnrichedArticle).article == article
    assert dict(message.headers)["ce_type"] == TOPICS.enriched.encode()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.TOMBSTONE),
        (b"\xff", Reason.UNDECODABLE),
        (b"{}", Reason.SCHEMA),
        (b"x" * (SETTINGS.kafka.max_message_bytes + 1), Reason.TOO_LARGE),
        (encode(an_article(text="news " * 400_000)), Reason.TOO_LARGE),
    ],
)
async def test_an_unreadable_message_is_a_dead_letter_whole(
    value: bytes | None, reason: Reason
) -> None:
    publisher = FakePublisher()
    await enrich_handler(publisher)([raw(value, offset=7)])
    (letter,) = letters(publisher)
    assert (letter.stage, letter.reason) == (Stage.ENRICH, reason)
    assert (letter.topic, letter.partition, letter.offset) == (TOPICS.articles, 1, 7)
    assert letter.payload_bytes() == (value or b"")[: SETTINGS.kafka.max_message_bytes]
    assert letter.payload_truncated == (len(value or b"") > SETTINGS.kafka.max_message_bytes)


HOSTILE_HEADERS = (
    tuple((f"h{number}", b"x" * 100) for number in range(10_000)),
    (("traceparent", b"\xff" * 2_000_000),),
    (("ce_type", b"somebody.elses"), ("ce_id", None), ("", b"")),
    tuple(("traceparent", b"00-" + bytes([number]) * 8) for number in range(256)),
)


@pytest.mark.parametrize("headers", HOSTILE_HEADERS, ids=["many", "long", "forged", "repeated"])
async def test_headers_of_any_kind_cost_nothing_but_themselves(
    headers: tuple[tuple[str, bytes | None], ...],
) -> None:
    publisher, article = FakePublisher(), an_article()
    await enrich_handler(publisher)([raw(encode(article), headers=headers)])
    (message,) = publisher.of(TOPICS.enriched)
    assert message.key == article.id.encode()  # not the one it came with
    assert dict(message.headers)["ce_type"] == TOPICS.enriched.encode()
    assert sum(len(name) + len(value) for name, value in message.headers) < 1_000
    publisher = FakePublisher()
    await enrich_handler(publisher)([raw(b"{", headers=headers)])
    (letter,) = publisher.of(TOPICS.dead_letters)
    assert fits(letter.value, SETTINGS.kafka.max_message_bytes)
    assert decode(letter.value, DeadLetter).payload_bytes() == b"{"


async def test_one_bad_message_costs_only_itself() -> None:
    publisher = FakePublisher()
    good, bad = an_article(), an_article(title="crash", url="https://courier.example/2")
    await enrich_handler(publisher)([raw(b"{"), raw(encode(good)), raw(encode(bad))])
    assert [m.key for m in publisher.of(TOPICS.enriched)] == [good.id.encode()]
    assert [each.reason for each in letters(publisher)] == [Reason.UNDECODABLE, Reason.NLP_CRASH]


async def test_dead_letters_are_counted_once_delivered() -> None:
    before = status("dead-lettered"), DEAD_LETTERS.labels("enrich", "schema")._value.get()
    await enrich_handler(FakePublisher())([raw(b"{}")])
    after = status("dead-lettered"), DEAD_LETTERS.labels("enrich", "schema")._value.get()
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


async def test_an_undelivered_batch_raises_and_counts_nothing() -> None:
    before = status("dead-lettered")
    publisher = FakePublisher()
    publisher.raise_on_publish(RuntimeError("killed"))
    with pytest.raises(RuntimeError):
        await enrich_handler(publisher)([raw(b"{}")])
    assert status("dead-lettered") == before


class FakeIndexer:
    """Does with articles what they say in their title."""

    async def index(self, batch: Sequence[EnrichedArticle]) -> list[IndexOutcome]:
        return [
            IndexOutcome(IndexStatus.REFUSED, Reason.REFUSED_BY_INDEX, "mapping")
            if "refuse" in enriched.article.title
            else REDELIVERED
            if "again" in enriched.article.title
            else UNCHANGED
            if "same" in enriched.article.title
            else indexed("news-articles-2026.03")
            for enriched in batch
        ]


def index_handler(publisher: FakePublisher) -> IndexHandler:
    gate = a_gate(Stage.INDEX, publisher)
    return IndexHandler(SETTINGS, FakeIndexer(), publisher, lambda: NOW, gate)


async def test_each_message_of_an_index_batch_ends_in_one_status() -> None:
    publisher = FakePublisher()
    handler = index_handler(publisher)
    before = status("indexed"), status("dead-lettered")
    refused = an_enriched_article(title="refuse me")
    await handler([raw(b"{"), raw(encode(an_enriched_article())), raw(encode(refused), offset=2)])
    assert (status("indexed") - before[0], status("dead-lettered") - before[1]) == (1, 2)
    assert [each.reason for each in letters(publisher)] == [
        Reason.UNDECODABLE,
        Reason.REFUSED_BY_INDEX,
    ]
    assert letters(publisher)[1].payload_bytes() == encode(refused)


async def test_what_was_written_is_told_and_so_is_what_may_not_have_been_told_before() -> None:
    publisher = FakePublisher()
    handler = index_handler(publisher)
    titles = ("new", "again", "same", "refuse")
    batch = [an_enriched_article(title=each, url=f"https://x.example/{each}") for each in titles]
    await handler([raw(encode(each), offset=n) for n, each in enumerate(batch)])
    notices = publisher.of(TOPICS.indexed)
    assert [m.key.decode() for m in notices] == [each.article.id for each in batch[:2]]
    notice = decode(notices[0].value, IndexedArticle)
    assert (notice.revision, notice.statements, notice.first_seen_at) == (1, 1, NOW)


async def test_a_batch_whose_notices_are_not_delivered_raises_and_counts_nothing() -> None:
    publisher = FakePublisher()
    publisher.raise_on_publish(RuntimeError("killed"))
    handler = index_handler(publisher)
    before = status("indexed")
    with pytest.raises(RuntimeError):
        await handler([raw(encode(an_enriched_article()))])
    assert status("indexed") == before


async def test_a_notice_stays_in_the_trace_of_its_article() -> None:
    publisher = FakePublisher()
    handler = index_handler(publisher)
    await handler([raw(encode(an_enriched_article()), headers=(PARENT.header(),))])
    found = in_headers(publisher.of(TOPICS.indexed)[0].headers)
    assert found is not None
    assert found.trace_id == PARENT.trace_id


async def test_a_message_that_is_refused_again_is_the_same_letter() -> None:
    publisher = FakePublisher()
    for _ in range(2):
        await enrich_handler(publisher)([raw(b"{}", offset=9)])
    place = place_of(TOPICS.articles, 1, 9, hashlib.sha256(b"{}").hexdigest()).encode()
    assert {message.key for message in _sent(publisher)} == {place}
    assert {dict(message.headers)["ce_id"] for message in _sent(publisher)} == {place}


async def test_a_dead_letter_has_all_that_its_message_had() -> None:
    publisher, headers = FakePublisher(), (PARENT.header(), ("x", None), ("y", b"\xff"))
    message = replace(raw(b"{}", headers=headers), key=b"\xfe")
    await enrich_handler(publisher)([message])
    (letter,) = letters(publisher)
    assert (letter.key_bytes(), letter.header_bytes()) == (b"\xfe", headers)


def _sent(publisher: FakePublisher) -> Sequence[Message]:
    return publisher.of(TOPICS.dead_letters)


def observed(histogram: Histogram, label: str) -> float:
    (metric,) = histogram.collect()
    return sum(
        each.value
        for each in metric.samples
        if each.name.endswith("_count") and label in each.labels.values()
    )


async def test_a_batch_is_measured_and_so_is_how_long_its_articles_took() -> None:
    handler = index_handler(FakePublisher())
    measured = ((BATCH_SECONDS, "index"), (BATCH_MESSAGES, "index"), (SEARCHABLE_SECONDS, "seen"))
    before = [observed(*each) for each in measured]
    refused = an_enriched_article(title="refuse me")
    await handler([raw(encode(an_enriched_article())), raw(encode(refused))])
    assert [observed(*each) for each in measured] == [count + 1 for count in before]
    assert IN_FLIGHT.labels("index")._value.get() == 0


async def test_a_batch_that_raised_is_in_hand_no_more_and_not_measured() -> None:
    before = observed(BATCH_SECONDS, "enrich")
    publisher = FakePublisher()
    publisher.raise_on_publish(RuntimeError("killed"))
    with pytest.raises(RuntimeError):
        await enrich_handler(publisher)([raw(b"{}")])
    assert observed(BATCH_SECONDS, "enrich") == before
    assert IN_FLIGHT.labels("enrich")._value.get() == 0


PARENT = TraceContext("ab" * 16, "cd" * 8)


async def test_an_article_goes_on_in_its_trace_as_a_span_of_its_own() -> None:
    publisher = FakePublisher()
    await enrich_handler(publisher)([raw(encode(an_article()), headers=(PARENT.header(),))])
    (message,) = publisher.of(TOPICS.enriched)
    found = in_headers(message.headers)
    assert found is not None
    assert found.trace_id == PARENT.trace_id
    assert found.span_id != PARENT.span_id


async def test_a_dead_letter_stays_in_the_trace_of_its_article() -> None:
    publisher = FakePublisher()
    handler = index_handler(publisher)
    await handler([raw(b"{}", headers=(PARENT.header(),))])
    (message,) = publisher.of(TOPICS.dead_letters)
    found = in_headers(message.headers)
    assert found is not None
    assert found.trace_id == PARENT.trace_id


@pytest.mark.parametrize("header", [b"", None, b"00-zz", PARENT.header()[1] + b"-more"])
async def test_a_header_that_is_no_trace_begins_a_new_one(header: bytes | None) -> None:
    publisher = FakePublisher()
    await enrich_handler(publisher)([raw(encode(an_article()), headers=(("traceparent", header),))])
    (message,) = publisher.of(TOPICS.enriched)
    found = in_headers(message.headers)
    assert found is not None
    assert found.trace_id != PARENT.trace_id


async def test_a_station_exports_a_span_for_each_article_with_its_end() -> None:
    exported: list[Span] = []
    tracer = Tracer(exported.extend)
    good = an_article()
    await enrich_handler(FakePublisher(), tracer)(
        [raw(encode(good), headers=(PARENT.header(),)), raw(b"{}", offset=9)]
    )
    first, second = exported
    assert (first.name, first.context.parent_id, first.failed) == ("enrich", PARENT.span_id, None)
    assert first.attributes["news.id"] == good.id
    assert second.failed == Reason.SCHEMA
    assert second.attributes["messaging.kafka.offset"] == 9
    assert first.start <= first.end


async def test_what_is_not_sampled_is_not_exported_and_still_traced() -> None:
    exported: list[Span] = []
    publisher = FakePublisher()
    parent = TraceContext("ab" * 16, "cd" * 8, sampled=False)
    await enrich_handler(publisher, Tracer(exported.extend))(
        [raw(encode(an_article()), headers=(parent.header(),))]
    )
    found = in_headers(publisher.of(TOPICS.enriched)[0].headers)
    assert exported == []
    assert found is not None
    assert (found.trace_id, found.sampled) == (parent.trace_id, False)


def article_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        json.loads(JsonFormatter().format(record))
        for record in caplog.records
        if record.name == "pipeline.articles"
    ]


async def test_each_article_has_one_line_when_it_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler = index_handler(FakePublisher())
    good, refused = an_enriched_article(), an_enriched_article(title="refuse me")
    with caplog.at_level(logging.INFO, "pipeline.articles"):
        await handler(
            [raw(encode(good), headers=(PARENT.header(),)), raw(encode(refused)), raw(b"{}")]
        )
    lines = article_lines(caplog)
    assert [line["status"] for line in lines] == ["indexed", "dead-lettered", "dead-lettered"]
    assert lines[0]["id"] == good.article.id
    assert lines[0]["trace_id"] == PARENT.trace_id
    assert lines[0]["seen_seconds"] == 0.0
    assert lines[0]["statements"] == len(good.annotations.statements)
    assert (lines[2]["reason"], lines[2]["source"]) == ("refused-by-index", "The Courier")
    assert (lines[1]["stage"], lines[1]["reason"]) == ("index", "schema")
    assert refused.article.title not in caplog.text


async def test_lines_of_articles_can_be_silenced(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "pipeline.articles"):
        await enrich_handler(FakePublisher())([raw(b"{}")])
    assert article_lines(caplog) == []
