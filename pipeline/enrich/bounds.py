"""How much may be found in one text: what makes a document, and what a document holds. Pure.

An article of two hundred thousand characters could be fourteen thousand quotations of two words, or
fifty thousand mentions of one name; Elasticsearch refuses a document with more than ten thousand
nested ones. The longest articles of real newspapers have some three hundred statements.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pipeline.records import Annotations, Entity, Statement

MOST_STATEMENTS = 1_000
MOST_ENTITIES = 1_000
MOST_MENTIONS = 5_000


def bounded(found: Annotations) -> Annotations:
    """``found`` with the first statements and entities, and the first mentions of each.

    Who speaks in one of the statements stays, so there may be as many entities more.
    """
    if not is_full(found):
        return found
    statements = _first(found.statements)
    speakers = {each.speaker.entity for each in statements if each.speaker is not None}
    entities = [
        entity
        for place, entity in enumerate(found.entities)
        if place < MOST_ENTITIES or entity.name in speakers
    ]
    return Annotations(entities=_with_fewer_mentions(entities), statements=statements)


def is_full(found: Annotations) -> bool:
    """Whether there is as much as there may be, or more."""
    return (
        len(found.statements) >= MOST_STATEMENTS
        or len(found.entities) >= MOST_ENTITIES
        or sum(len(each.mentions) for each in found.entities) >= MOST_MENTIONS
    )


def _first(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    kept = statements[:MOST_STATEMENTS]
    ids = {each.id for each in kept}
    return tuple(
        each if each.reported_by in ids else replace(each, reported_by=None) for each in kept
    )


def _with_fewer_mentions(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    total = sum(len(each.mentions) for each in entities)
    if total <= MOST_MENTIONS:
        return tuple(entities)
    # Those named seldom keep all their mentions, those named often the first.
    most = max(1, MOST_MENTIONS // max(1, len(entities)))
    return tuple(replace(each, mentions=each.mentions[:most]) for each in entities)
