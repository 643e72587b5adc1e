"""The forms of words, by the endings that config/grammar lists for a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Inflection:
    """What takes the place of an ``ending``, which matches at the end of a word. ``always`` holds
    for irregular words too."""

    ending: re.Pattern[str]
    always: tuple[str, ...]
    regular: tuple[str, ...]


def inflections(table: Iterable[Mapping[str, Any]]) -> tuple[Inflection, ...]:
    """The inflections that a table of config/grammar lists."""
    return tuple(
        Inflection(
            ending=re.compile(f"(?:{item['ending']})$"),
            always=tuple(item.get("always", ())),
            regular=tuple(item.get("regular", ())),
        )
        for item in table
    )


def forms(
    lemma: str, inflections: Sequence[Inflection], irregular: Iterable[str] = ()
) -> frozenset[str]:
    """Every form of a word by the first inflection that fits; where irregular forms are given, only
    what these leave out is made."""
    given = frozenset(irregular)
    for inflection in inflections:
        found = inflection.ending.search(lemma)
        if found:
            endings = inflection.always if given else (*inflection.always, *inflection.regular)
            stem = lemma[: found.start()]
            return given | {lemma} | {stem + found.expand(ending) for ending in endings}
    return given | {lemma}
