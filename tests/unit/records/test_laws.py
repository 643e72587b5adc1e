"""The laws a record is checked against when it is made."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Rejected
from pipeline.records import (
    Annotations,
    Content,
    DeadLetter,
    EnrichedArticle,
    Entity,
    Mention,
    Reason,
    Span,
    Speaker,
    Stage,
    article_id,
    dead_letter,
    decode,
    encode,
)
from pipeline.records.dead_letter import cut
from tests.fakes.records import MODEL, NOW, TEXT, an_article, some_annotations, texts


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (4, 2)])
def test_a_span_is_not_empty_and_not_negative(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="0 <= start < end"):
        Span(start, end)


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="published_at"):
        an_article(published_at=datetime(2026, 1, 1))  # noqa: DTZ001 (the point of the test)


def test_a_blank_text_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a text"):
        an_article(text=" \n ")


def _enriched(annotations: Annotations) -> EnrichedArticle:
    return EnrichedArticle(
        article=an_article(),
        annotations=annotations,
        story_id="0" * 32,
        model=MODEL,
        enriched_at=NOW,
    )


def test_annotations_that_fit_their_text_are_accepted() -> None:
    assert _enriched(some_annotations()).annotations.statements[0].content.span.of(TEXT)


def test_a_span_that_covers_another_string_is_refused() -> None:
    shifted = Mention(text="Ada Lind", span=Span(7, 15))
    with pytest.raises(ValueError, match="does not cover"):
        _enriched(
            Annotations(entities=(Entity(name="Ada Lind", type="PERSON", mentions=(shifted,)),))
        )


def test_two_entities_may_not_share_a_name() -> None:
    entity = some_annotations().entities[0]
    with pytest.raises(ValueError, match="share a name"):
        _enriched(Annotations(entities=(entity, entity)))


def test_a_speaker_is_an_entity_or_says_that_it_has_no_name() -> None:
    statements = some_annotations().statements
    with pytest.raises(ValueError, match="no entity"):
        _enriched(Annotations(statements=statements))
    officials = Speaker(text="Officials", span=Span(42, 51), entity="officials", unnamed=True)
    assert officials.span.of(TEXT) == "Officials"


def test_parts_reach_exactly_over_the_span_in_order() -> None:
    with pytest.raises(ValueError, match="exactly over"):
        Content(text=TEXT[0:10], span=Span(0, 10), parts=(Span(0, 4), Span(5, 9)))
    with pytest.raises(ValueError, match="in order"):
        Content(text=TEXT[0:10], span=Span(0, 10), parts=(Span(0, 6), Span(5, 10)))


@given(texts, texts)
def test_the_id_depends_on_the_url_alone_when_there_is_one(first: str, second: str) -> None:
    ids = {
        article_id(canonical_url="https://a.example/1", feed_id=first, guid=second, content=content)
        for content in (first, second)
    }
    assert len(ids) == 1


@given(texts.filter(bool), texts.filter(bool))
def test_without_a_url_feed_and_guid_identify(feed_id: str, guid: str) -> None:
    one, other = (
        article_id(canonical_url=None, feed_id=feed_id, guid=each, content="x")
        for each in (guid, guid + "!")
    )
    assert one != other
    assert len(one) == 32


@given(st.binary(max_size=200))
def test_a_dead_letter_keeps_its_payload_whole(payload: bytes) -> None:
    letter = dead_letter(
        stage=Stage.ENRICH, reason=Reason.SCHEMA, detail="", failed_at=NOW, payload=payload
    )
    assert letter.payload_bytes() == payload
    assert not letter.payload_truncated


def test_a_letter_is_cut_only_where_it_is_asked_to_be_and_says_so() -> None:
    whole = dead_letter(
        stage=Stage.ENRICH,
        reason=Reason.TOO_LARGE,
        detail="x" * 1000,
        failed_at=NOW,
        payload=b"x" * 5_000_000,
        key=b"\xff",
        headers=(("a", b"1"),),
    )
    assert len(whole.detail) == 500
    assert (len(whole.payload_bytes()), whole.key_bytes()) == (5_000_000, b"\xff")
    assert cut(whole, 5_000_000) is whole
    shorter = cut(whole, 1000)
    assert shorter.payload_truncated
    assert shorter.payload_bytes() == b"x" * 1000
    assert shorter.payload_sha256 == whole.payload_sha256


@given(st.text(max_size=30), st.binary(max_size=30), st.binary(max_size=30))
def test_letters_of_one_input_share_a_place_and_of_others_do_not(
    key: str, payload: bytes, other: bytes
) -> None:
    def place(payload: bytes, **changes: Any) -> str:
        given: dict[str, Any] = {
            "stage": Stage.FEEDS,
            "reason": Reason.ROBOTS,
            "detail": "",
            "failed_at": NOW,
            "payload": payload,
            "key": key,
        }
        return dead_letter(**(given | changes)).place

    later = place(payload, failed_at=NOW + timedelta(days=1), reason=Reason.FETCH_FAILED)
    assert later == place(payload)
    assert (place(payload) == place(other)) == (payload == other)
    stands = {"topic": "t", "partition": 3, "offset": 7}
    assert place(payload, **stands).startswith("t/3/7/")
    assert (place(payload, **stands) == place(other, **stands)) == (payload == other)


@pytest.mark.parametrize(
    "changes",
    [{"payload": "abc"}, {"payload": "a b="}, {"key_base64": "?"}, {"headers": (("h", "x"),)}],
)
def test_a_dead_letter_that_is_not_base64_is_none(changes: dict[str, Any]) -> None:
    letter = dead_letter(
        stage=Stage.INDEX, reason=Reason.SCHEMA, detail="x", failed_at=NOW, payload=b"abc"
    )
    changed = json.loads(encode(letter)) | changes
    with pytest.raises(Rejected, match="schema"):
        decode(json.dumps(changed).encode(), DeadLetter)
