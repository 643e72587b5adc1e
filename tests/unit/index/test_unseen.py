"""What no reader sees is not indexed, and spans cover what they covered."""

from __future__ import annotations

import unicodedata

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index import Indexer, fields
from pipeline.index.unseen import REPLACEMENT, may_have_unseen, without_unseen
from pipeline.records import Source
from tests.fakes.debates import SENTENCE, a_debate
from tests.fakes.elastic_store import FakeElasticsearch
from tests.fakes.records import NOW
from tests.unit.index.test_words import INDEX

HOSTILE = "\x1b[2J\x02mark\x03 \u202egnorw\u202c \u2066i\u2069 \x9b31m\x00"


@given(st.text())
def test_what_is_seen_stays_and_what_is_not_is_replaced_one_for_one(text: str) -> None:
    found = without_unseen({"a": [text]})["a"][0]
    assert len(found) == len(text)
    for before, after in zip(text, found, strict=True):
        deceives = unicodedata.category(before) == "Cc" and before not in "\t\n"
        deceives |= unicodedata.bidirectional(before) in {
            "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"
        }  # fmt: skip
        assert after == (REPLACEMENT if deceives else before)


@given(st.text())
def test_none_is_overlooked_in_what_was_written(text: str) -> None:
    if without_unseen(text) != text:
        assert may_have_unseen(msgspec.json.encode({"a": text}))


def test_marks_that_scripts_need_stay() -> None:
    text = "\u200f\u05e9\u05dc\u05d5\u05dd \u0645\u06cc\u200c\u0631\u0648\u0645 \u061c\u200d"
    assert without_unseen(text) == text


async def test_a_forged_message_deceives_nobody_who_reads_the_index() -> None:
    client = FakeElasticsearch()
    indexer = Indexer(client, INDEX, lambda: None, clock=lambda: NOW)
    forged = a_debate(
        title=HOSTILE,
        summary=HOSTILE,
        authors=(HOSTILE,),
        source=Source(name=HOSTILE),
        feed_id=HOSTILE,
        text=f"{SENTENCE}{HOSTILE}",
        statements=1,
    )
    (outcome,) = await indexer.index([forged])
    assert outcome.reason is None
    (document,) = client.behind(INDEX.articles).values()
    assert without_unseen(document) == document
    assert len(document[fields.TEXT]) == len(forged.article.text)
    assert document[fields.TITLE].startswith(f"{REPLACEMENT}[2J{REPLACEMENT}mark")
