"""The codec: what goes in comes out, and what cannot be read is refused with its reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Rejected
from pipeline.records import Article, EnrichedArticle, FeedState, Reason, SeenEntry, decode, encode
from tests.fakes.records import an_article, articles, enriched_articles


@given(articles())
def test_any_article_survives_the_round_trip(article: Article) -> None:
    assert decode(encode(article), Article) == article


@given(enriched_articles())
def test_any_enriched_article_survives_the_round_trip(enriched: EnrichedArticle) -> None:
    assert decode(encode(enriched), EnrichedArticle) == enriched


@given(st.binary())
def test_bytes_that_are_no_record_are_rejected(data: bytes) -> None:
    with pytest.raises(Rejected):
        decode(data, Article)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, Reason.TOMBSTONE),
        (b"", Reason.UNDECODABLE),
        (b"\xff\xfe", Reason.UNDECODABLE),
        (b'{"article": {"', Reason.UNDECODABLE),
        (b"[" * 100_000, Reason.SCHEMA),
        (b"{}", Reason.SCHEMA),
        (b"[1, 2]", Reason.SCHEMA),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_reason(
    data: bytes | None, reason: Reason
) -> None:
    with pytest.raises(Rejected) as refusal:
        decode(data, EnrichedArticle)
    assert refusal.value.reason is reason


def test_a_record_that_breaks_its_own_law_is_a_schema_breach() -> None:
    data = encode(an_article(text="words")).replace(b'"words"', b'"  "')
    with pytest.raises(Rejected) as refusal:
        decode(data, Article)
    assert refusal.value.reason is Reason.SCHEMA


def test_an_unknown_field_is_a_schema_breach() -> None:
    data = encode(an_article()).replace(b'{"id"', b'{"surprise":1,"id"')
    with pytest.raises(Rejected) as refusal:
        decode(data, Article)
    assert refusal.value.reason is Reason.SCHEMA


def test_a_lone_surrogate_cannot_be_written() -> None:
    with pytest.raises(Rejected) as refusal:
        encode(an_article(title="\ud800"))
    assert refusal.value.reason is Reason.SCHEMA


def test_the_error_text_does_not_quote_the_payload() -> None:
    data = encode(an_article(text="a secret")).replace(b'"revision":1', b'"revision":"a secret"')
    with pytest.raises(Rejected) as refusal:
        decode(data, Article)
    assert "secret" not in str(refusal.value)


def test_a_feed_state_from_before_there_were_revisits_is_read() -> None:
    data = (
        b'{"feed_id":"courier","url":"https://courier.example/rss",'
        b'"polled_at":"2026-03-01T12:00:00Z","etag":null,"seen":{"1":{"article_id":"%s",'
        b'"entry_sha256":"%s","first_seen_at":"2026-03-01T12:00:00Z","content_sha256":null}},'
        b'"tries":{},"failures":0,"gone":false}'
    ) % (b"a" * 32, b"b" * 64)
    state = decode(data, FeedState)
    assert state.next_revisit_at is None
    assert state.seen["1"].page is None
    assert decode(encode(state), FeedState) == state


def test_what_a_seen_entry_does_not_need_is_not_written() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    seen = SeenEntry(article_id="a" * 32, entry_sha256="b" * 64, first_seen_at=noon)
    assert b"null" not in encode(seen)
    assert b"page" not in encode(seen)
