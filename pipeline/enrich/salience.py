"""How much a text is about each of its entities: all that a headline changes in what is found."""

from __future__ import annotations

import msgspec

from pipeline.records import Annotations, Entity

_TITLE_WEIGHT = 3.0
_OPENING_WEIGHT = 2.0
_OPENING_CHARS = 500
# Other producers may send titles of megabytes, and each name is looked for in them.
_TITLE_CHARS = 1_000


def weigh(annotations: Annotations, title: str = "") -> Annotations:
    """The annotations with the salience that each entity has under this title.

    Salience is made anew from the mentions and the first 1,000 characters of the title, whatever it
    was before. Everything else depends on the text alone and stays.
    """
    title = title[:_TITLE_CHARS]
    weights = [_weight(entity, title) for entity in annotations.entities]
    most = max(weights, default=1.0)
    entities = tuple(
        msgspec.structs.replace(entity, salience=round(weight / most, 4))
        for entity, weight in zip(annotations.entities, weights, strict=True)
    )
    return msgspec.structs.replace(annotations, entities=entities)


def _weight(entity: Entity, title: str) -> float:
    weight = float(len(entity.mentions))
    if entity.mentions[0].span.start < _OPENING_CHARS:
        weight += _OPENING_WEIGHT
    names = {mention.text for mention in entity.mentions if mention.kind == "name"}
    if any(name in title for name in names):
        weight += _TITLE_WEIGHT
    return weight
