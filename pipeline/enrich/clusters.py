"""Entities in the making: mentions of the same person or thing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.enrich.lexicon import People
from pipeline.enrich.places import fold

_WORD = re.compile(r"[^\s.,]+")


@dataclass(slots=True)
class Cluster:
    """One entity in the making. ``names`` are its mentions by token range; ``words`` are the folded
    words of its fullest name."""

    label: str
    name: str
    words: tuple[str, ...]
    names: list[tuple[int, int]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    short: dict[str, int] = field(default_factory=dict)
    gender: str | None = None
    country: str | None = None


@dataclass(slots=True)
class Cast:
    """The entities of a text. By each token of a name mention, ``at`` gives the entity and
    ``span_at`` the mention's first and last token."""

    clusters: list[Cluster]
    at: dict[int, int]
    span_at: dict[int, tuple[int, int]]


def name_words(name: str, people: People) -> tuple[str, ...]:
    """The words of a name as they are compared: folded, without "Jr."."""
    words = tuple(fold(word) for word in _WORD.findall(name))
    return tuple(word for word in words if word not in people.generations) or words


# By each token of a name: its entity, and the first and last token of the mention.
Mentioned = dict[int, tuple[Cluster, tuple[int, int]]]


def join(cluster: Cluster, first: int, last: int, at: Mentioned) -> None:
    """Make a name one of an entity's."""
    cluster.names.append((first, last))
    for token in range(first, last + 1):
        at[token] = (cluster, (first, last))
