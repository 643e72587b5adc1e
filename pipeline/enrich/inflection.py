"""The forms of English verbs."""

from __future__ import annotations

from collections.abc import Iterable

_SIBILANT = ("s", "sh", "ch", "x", "z", "o")
_VOWELS = frozenset("aeiou")


def forms(lemma: str, irregular: Iterable[str] = ()) -> set[str]:
    """Every form of a verb; where irregular ones are given, only what they leave out is made."""
    given = set(irregular)
    made = {lemma, _third_person(lemma), _with_ending(lemma, "ing")}
    if not given:
        made.add(_with_ending(lemma, "ed"))
    return made | given


def _third_person(lemma: str) -> str:
    if lemma.endswith("y") and lemma[-2] not in _VOWELS:
        return lemma[:-1] + "ies"
    return lemma + ("es" if lemma.endswith(_SIBILANT) else "s")


def _with_ending(lemma: str, ending: str) -> str:
    if lemma.endswith("y") and lemma[-2] not in _VOWELS and ending == "ed":
        return lemma[:-1] + "ied"
    if lemma.endswith("e") and ending == "ed":
        return lemma + "d"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe")):
        return lemma[:-1] + ending
    return lemma + ending


def plurals(noun: str) -> tuple[str, str]:
    """A noun and its plural."""
    return noun, _third_person(noun)
