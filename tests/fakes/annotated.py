"""Articles annotated by hand, as enriched articles: as if enrichment had found everything."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.records import (
    Annotations,
    Content,
    Cue,
    EnrichedArticle,
    Entity,
    Mention,
    Span,
    Speaker,
    Statement,
)
from tests.fakes.records import MODEL, NOW, an_article

GOLDEN = Path(__file__).parents[1] / "golden"


def golden(name: str, **changes: Any) -> EnrichedArticle:
    """A case of tests/golden."""
    return annotated(GOLDEN / name / "article.txt", GOLDEN / name / "expected.json", **changes)


def annotated(
    text_file: Path, expected_file: Path, *, at: datetime = NOW, **changes: Any
) -> EnrichedArticle:
    """The article in a file with the annotations in another; ``changes`` are to the article."""
    text = text_file.read_text(encoding="utf-8")
    expected = json.loads(expected_file.read_text(encoding="utf-8"))
    name = text_file.parent.name
    article = an_article(
        **{"text": text, "title": f"About {name}", "url": f"https://courier.example/{name}"}
        | changes,
    )
    entities = tuple(_entity(each, text) for each in expected["entities"])
    statements = tuple(_statement(each, entities) for each in expected["statements"])
    return EnrichedArticle(
        article=article,
        annotations=Annotations(entities=entities, statements=statements),
        story_id=article.id,
        model=MODEL,
        enriched_at=at,
    )


def _entity(expected: dict[str, Any], text: str) -> Entity:
    forms = sorted({expected["name"], *expected["aliases"]}, key=len, reverse=True)
    found = re.finditer("|".join(map(re.escape, forms)), text)
    return Entity(
        name=expected["name"],
        type=expected["type"],
        roles=tuple(expected["roles"]),
        aliases=tuple(expected["aliases"]),
        country=expected.get("country"),
        mentions=tuple(Mention(text=each[0], span=Span(*each.span())) for each in found),
    )


def _statement(expected: dict[str, Any], entities: tuple[Entity, ...]) -> Statement:
    content = expected["content"]
    names = {entity.name for entity in entities}
    return Statement(
        id=expected["id"],
        type=expected["type"],
        kind=expected.get("kind", "speech"),
        content=Content(
            text=content["text"],
            span=Span(*content["span"]),
            parts=tuple(Span(*part) for part in content.get("parts") or [content["span"]]),
        ),
        cue=_cue(expected["cue"]),
        speaker=_speaker(expected["speaker"], names),
        addressee=expected.get("addressee"),
        medium=expected.get("medium"),
        reported_by=expected.get("reported_by"),
        negated=expected.get("negated", False),
        hypothetical=expected.get("hypothetical", False),
    )


def _cue(expected: dict[str, Any] | None) -> Cue | None:
    if expected is None:
        return None
    return Cue(text=expected["text"], span=Span(*expected["span"]), lemma=expected["text"])


def _speaker(expected: dict[str, Any] | None, names: set[str]) -> Speaker | None:
    if expected is None:
        return None
    return Speaker(
        text=expected["text"],
        span=Span(*expected["span"]),
        entity=expected["entity"],
        unnamed=expected["entity"] not in names,
    )
