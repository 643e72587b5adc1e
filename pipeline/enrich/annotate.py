"""From a parsed text to its annotations."""

from __future__ import annotations

from pipeline.enrich.parse import Parse
from pipeline.records import Annotations, Entity, Mention, Span

_NAMED = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP"})


def annotate(parse: Parse, title: str) -> Annotations:  # noqa: ARG001
    """All that is found in one text."""
    mentions: dict[tuple[str, str], list[Mention]] = {}
    names: dict[str, str] = {}
    for name in parse.names:
        text = parse.slice(name.start, name.end - 1)
        if name.label in _NAMED and names.setdefault(text, name.label) == name.label:
            span = Span(parse.start[name.start], parse.end[name.end - 1])
            mentions.setdefault((text, name.label), []).append(Mention(text=text, span=span))
    return Annotations(
        entities=tuple(
            Entity(name=text, type=label, mentions=tuple(found))
            for (text, label), found in mentions.items()
        )
    )
