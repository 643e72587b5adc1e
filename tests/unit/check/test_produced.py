"""What a check writes down of each message fits its table."""

from __future__ import annotations

import pytest

from pipeline.check import compare
from pipeline.check.produced import given_row, letter_row
from pipeline.check.report import Kind
from pipeline.check.scratch import fill, scratch, sort
from pipeline.kafka.history import Past
from pipeline.records import Reason, Stage, dead_letter, encode
from tests.fakes.records import NOW, an_article

READABLE, UNREADABLE = encode(an_article()), b"\xff no article"


def past(value: bytes | None, topic: str = "articles", key: bytes = b"key") -> Past:
    return Past(topic=topic, partition=0, offset=0, key=key, value=value, headers=())


def letter(value: bytes, topic: str | None) -> Past:
    made = dead_letter(
        stage=Stage.ENRICH,
        reason=Reason.UNDECODABLE,
        detail="",
        failed_at=NOW,
        payload=value,
        topic=topic,
        partition=None if topic is None else 0,
        offset=None if topic is None else 0,
    )
    return past(encode(made), "dead-letters")


@pytest.mark.parametrize("value", [READABLE, UNREADABLE, None])
def test_what_was_given_and_led_to_nothing_is_lost(value: bytes | None) -> None:
    with scratch() as database:
        fill(database, "given", [given_row(past(value))])
        sort(database)
        assert compare.wrong(database, 0)[Kind.LOST] == {past(value).place}


@pytest.mark.parametrize("topic", ["articles", "the topic it was replayed from"])
def test_what_is_no_article_is_answered_by_a_letter_of_its_place_or_its_bytes(topic: str) -> None:
    with scratch() as database:
        fill(database, "given", [given_row(past(UNREADABLE))])
        fill(database, "letters", [letter_row(letter(UNREADABLE, topic))])
        sort(database)
        assert compare.wrong(database, 0)[Kind.LOST] == set()
        assert compare.dead_letters(database) == 1


def test_a_letter_that_was_replayed_is_closed_at_its_key() -> None:
    with scratch() as database:
        fill(database, "letters", [letter_row(letter(UNREADABLE, "articles"))])
        ended = past(None, "dead-letters", past(UNREADABLE).place.encode())
        fill(database, "letters", [letter_row(ended)])
        assert compare.dead_letters(database) == 0


def test_a_letter_does_not_answer_for_what_took_its_offset_in_a_topic_made_again() -> None:
    with scratch() as database:
        fill(database, "given", [given_row(past(b"other bytes"))])
        fill(database, "letters", [letter_row(letter(UNREADABLE, "articles"))])
        sort(database)
        assert compare.wrong(database, 0)[Kind.LOST] == {past(b"other bytes").place}
