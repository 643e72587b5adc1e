"""How each language is read: the tables of config/grammar."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline import resources
from pipeline.enrich.inflection import Inflection, forms, inflections

# A language without a grammar of its own kind of text is read as this one is.
FIRST = "en"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a language's model speaks, and the words that make its grammar.

    ``universal``: its parses are Universal Dependencies, to be rewritten. ``marks`` translates
    characters for the model, ``labels`` its names' labels (None: they are ours). ``glosses`` gives,
    by part of speech, the word of the rules that a word stands for. ``modals`` does so for each
    form of a verb that only colours the infinitive behind it.
    """

    language: str
    universal: bool
    marks: Mapping[int, str]
    labels: Mapping[str, str] | None
    glosses: Mapping[str, Mapping[str, str]]
    modals: Mapping[str, str]
    negation: frozenset[str]
    questions: frozenset[str]
    times: frozenset[str]
    objects: frozenset[str]
    adverbials: Mapping[str, tuple[tuple[str, ...], ...]]
    clitics: frozenset[str]
    linking: frozenset[str]
    verbs: tuple[Inflection, ...]
    plurals: tuple[Inflection, ...]

    def gloss(self, word: str, part_of_speech: str) -> str:
        """The word of the rules that this one stands for; itself where it is no word of grammar."""
        return self.glosses.get(part_of_speech, {}).get(word, word)


def read_table(folder: str, language: str) -> dict[str, Any]:
    """The table of a language in a folder of config."""
    path = resources.root() / "config" / folder / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8"))


@cache
def grammar(language: str = FIRST) -> Grammar:
    """config/grammar, for one language."""
    table = read_table("grammar", language)
    verbs = inflections(table["verbs"])
    irregular = read_table("reporting", language)["irregular"]
    return Grammar(
        language=language,
        universal=table["scheme"] == "universal",
        marks=str.maketrans(table["marks"]),
        labels=table.get("labels"),
        glosses=table.get("glosses", {}),
        modals={
            form: word
            for lemma, word in table.get("modals", {}).items()
            for form in forms(lemma, verbs, irregular.get(lemma, ()))
        },
        negation=_words(table, "negation"),
        questions=_words(table, "questions"),
        times=_words(table, "times"),
        objects=_words(table, "objects"),
        adverbials=by_first_word(_words(table, "adverbials")),
        clitics=_words(table, "clitics"),
        linking=frozenset(table.get("clitics", {}).get("linking", ())),
        verbs=verbs,
        plurals=inflections(table["plurals"]),
    )


def by_first_word(phrases: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Phrases as words, by the first of them."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for phrase in sorted(phrases):
        words = tuple(phrase.split())
        found[words[0]] = (*found.get(words[0], ()), words)
    return found


def _words(table: Mapping[str, Any], name: str) -> frozenset[str]:
    return frozenset(table.get(name, {}).get("words", ()))
