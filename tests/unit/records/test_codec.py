"""The codec: what goes in comes out, and what cannot be read is refused with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Rejected
from pipeline.records import Article, EnrichedArticle, Reason, decode, encode
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
