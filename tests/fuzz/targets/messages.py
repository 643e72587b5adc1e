"""What travels the line: records as bytes, and what is made of those that can be read."""

from __future__ import annotations

import json
import logging
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.after_poll import answered, begin, pace_of, scheduled
from pipeline.feeds.decide import decide
from pipeline.feeds.status import status_of
from pipeline.index.documents import check_times, documents
from pipeline.index.stories import Story
from pipeline.kafka.compacted import Kind
from pipeline.kafka.newest import Newest
from pipeline.kafka.ports import Entry
from pipeline.records import (
    Article,
    Channel,
    DeadLetter,
    Delivery,
    DeliveryStatus,
    EnrichedArticle,
    FeedState,
    IngestState,
    Reason,
    SeenEntry,
    SeenPage,
    SitemapState,
    Stage,
    dead_letter,
    decode,
    encode,
)
from pipeline.telemetry.logs import JsonFormatter, TextFormatter, fields
from tests.fakes.alerts import a_notice, a_search, an_alert
from tests.fakes.feeds import a_subscription, an_entry, feed_settings
from tests.fakes.indexed import facts_of
from tests.fakes.records import NOW, an_article, an_enriched_article
from tests.fuzz.target import Target, parts, seeds, text_of
from tests.fuzz.targets.laws import survives

_KIND = Kind(
    FeedState, "state of feed", lambda each: each.feed_id, lambda each: each.polled_at, lambda _: ""
)
_TOKENS = (
    b'"\\ud800"', b'"\\u0000"', b"1e999", b"-1", b"null", b'"0001-01-01T00:00:00+14:00"', b"2e308",
    b'"9999-12-31T23:59:59-14:00"', b'"2026-03-01T12:00:00"', b"[", b"]", b"{", b"}", b":", b",",
    b"1.0",
)  # fmt: skip


def record(data: bytes) -> Hashable:
    """A record of any type: read and written, it stays what it is, or is refused."""
    kinds = _examples()
    kind = type(kinds[data[0] % len(kinds)]) if data else Article
    read = decode(data[1:], kind)
    if isinstance(read, DeadLetter):
        read.payload_bytes(), read.key_bytes(), read.header_bytes()
    survives(read)
    return kind.__name__


def document(data: bytes) -> Hashable:
    """What the index is given of any enriched article that can be read."""
    enriched = decode(data, EnrichedArticle)
    check_times(enriched.article, NOW)
    seen = enriched.article.first_seen_at
    story, facts = Story(id=enriched.story_id), facts_of(enriched)
    made = documents(enriched, story, facts, first_seen_at=seen, ingested_at=NOW)
    for each in (made.article, *made.statements):
        json.loads(each, parse_constant=_no_number)
    return len(made.statements), enriched.not_annotated is None


def state(data: bytes) -> Hashable:
    """A poll that begins with any state that can be read has a next one."""
    known = decode(data, FeedState)
    subscription = a_subscription()
    settings = _settings()
    begun = begin(subscription, known, NOW)
    status_of(subscription, known)
    decide((an_entry(1), an_entry(2)), begun)
    for after in (begun, answered(begun, None, new=2)):
        survives(scheduled(after, pace_of(subscription, settings), chance=0.5))
    return begun.gone, bool(begun.seen), begun.failures.bit_length()


def newest(data: bytes) -> Hashable:
    """A message of a compacted topic takes the place of the one before, whatever it is."""
    key, value = parts(data, 2)
    held = Newest(_KIND.read)
    for entry in (Entry(key, encode(_a_state())), Entry(key, value), Entry(None, value)):
        held.add(entry)
    return len(held.found())


def letter(data: bytes) -> Hashable:
    """Bytes of any kind become a dead letter that can be published."""
    payload, key, detail = parts(data, 3)
    made = dead_letter(
        stage=Stage.FEEDS, reason=Reason.SCHEMA, detail=text_of(detail),
        failed_at=NOW, payload=payload, key=key,
    )  # fmt: skip
    try:
        survives(made)
    except Rejected:
        return "refused"
    assert payload.startswith(made.payload_bytes())
    return made.payload_truncated


def log_line(data: bytes) -> Hashable:
    """One line for one message, whatever it quotes."""
    message, value = (text_of(each) for each in parts(data, 2))
    entry = logging.makeLogRecord({"msg": "%s", "args": (message,)} | fields({"feed": value}))
    as_text, as_json = TextFormatter().format(entry), JsonFormatter().format(entry)
    for line in (as_text, as_json):
        assert len(line.splitlines()) == 1, f"not one line: {line!r}"
        line.encode()
    read = json.loads(as_json, parse_constant=_no_number)["message"]
    assert read == message or not message.isprintable()  # two surrogates are read as one letter
    return len(as_text).bit_length()


def _no_number(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@cache
def _settings() -> Any:
    return feed_settings().feeds


@cache
def _a_state() -> FeedState:
    seen = SeenEntry(
        article_id="0" * 32, entry_sha256="0" * 64, first_seen_at=NOW, page=SeenPage(revisits=1)
    )
    return FeedState(
        feed_id="courier", url="https://courier.example/feed.xml", polled_at=NOW, fetched_at=NOW,
        etag='"a"', seen={"tag:1": seen}, tries={"tag:2": 1}, new_per_day=2.5, fresh_seconds=60.0,
        skip_hours=(1,), next_poll_at=NOW,
        sitemaps={"https://n.example/s": SitemapState(read_at=NOW)},
    )  # fmt: skip


@cache
def _examples() -> Sequence[msgspec.Struct]:
    alert = an_alert()
    delivery = Delivery(
        id="d", alert_id=alert.id, search_id="lind", channel=Channel.EMAIL, target="a@b.example",
        partition=0, status=DeliveryStatus.PENDING, planned_at=NOW, updated_at=NOW, next_try_at=NOW,
        alert=alert,
    )  # fmt: skip
    ingest = IngestState(path="/a", size=1, modified_ns=1, updated_at=NOW)
    refused = dead_letter(
        stage=Stage.INDEX, reason=Reason.SCHEMA, detail="x", failed_at=NOW, payload=b"abc"
    )
    return (
        an_article(published_at=NOW, authors=("A",)), an_enriched_article(), _a_state(), ingest,
        refused, alert, a_search(emails=("a@b.example",)), delivery, a_notice(),
    )  # fmt: skip


@cache
def _messages() -> Sequence[bytes]:
    return [bytes((number,)) + encode(each) for number, each in enumerate(_examples())]


TARGETS = (
    Target("record", record, _messages, (Rejected,), _TOKENS),
    Target(
        "document",
        document,
        lambda: [encode(an_enriched_article(published_at=NOW))],
        (Rejected,),
        _TOKENS,
    ),
    Target("feed-state", state, lambda: [encode(_a_state())], (Rejected,), _TOKENS),
    Target(
        "compacted", newest, lambda: [b"courier\x1e" + encode(_a_state()), b"\x1e"], (), _TOKENS
    ),
    Target("dead-letter", letter, seeds(b"abc\x1ekey\x1edetail", b"\xff" * 50)),
    Target("log-line", log_line, seeds("feed x: gone\x1ea b", "a\nb\x1b[2J\x1e\u2028")),
)
