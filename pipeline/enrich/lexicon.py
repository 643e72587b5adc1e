"""The word lists of config/reporting and config/people, read once for each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.enrich.grammar import FIRST, Grammar, by_first_word, grammar, read_table
from pipeline.enrich.inflection import forms
from pipeline.enrich.places import fold
from pipeline.records.annotations import StatementKind


@dataclass(frozen=True, slots=True)
class Verb:
    """A reporting verb and the constructions it attributes in (see config/reporting/en.toml)."""

    lemma: str
    says: bool
    tells: bool
    quotes: bool
    takes_object: bool
    thinks: bool = False
    intends: bool = False
    directs: bool = False
    names: bool = False
    stance: bool = False
    particles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reporting:
    """Words that attribute; verbs by each of their forms."""

    verbs: Mapping[str, Verb]
    phrases: Mapping[str, frozenset[str]]
    phrase_lemmas: Mapping[str, str]
    adjectives: frozenset[str]
    refuse: frozenset[str]
    lead: frozenset[str]
    media: frozenset[str]
    platforms: frozenset[str]
    media_prepositions: frozenset[str]
    documents: frozenset[str]
    source_prepositions: Mapping[str, tuple[tuple[str, ...], ...]]
    no_source: frozenset[str]
    nouns: Mapping[str, StatementKind]
    noun_sources: frozenset[str]
    light: frozenset[str]
    headline_sources: frozenset[str]
    offices: frozenset[str]
    office_name: str
    attributed_by: str
    attribution_endings: str
    confidence: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class People:
    """Words about people and names; ``role_keys`` and ``group_keys`` are the nouns as names are
    compared.

    ``kinds`` gives what the last word of a name makes of it: a label, or None for nothing that is
    an entity. ``known`` gives names their label, folded.
    """

    honorifics: Mapping[str, str]
    role_nouns: frozenset[str]
    ranks: frozenset[str]
    role_keys: frozenset[str]
    portfolios: frozenset[str]
    gender_of_noun: Mapping[str, str]
    gender_of_name: Mapping[str, str]
    first_names: frozenset[str]
    group_nouns: frozenset[str]
    group_keys: frozenset[str]
    chiefs: frozenset[str]
    within_roles: frozenset[str]
    determiners: frozenset[str]
    particles: frozenset[str]
    generations: frozenset[str]
    small_words: frozenset[str]
    capitals_within: frozenset[str]
    doubtful_first: frozenset[str]
    kinds: Mapping[str, str | None]
    kind_surnames: frozenset[str]
    kind_first: frozenset[str]
    kind_nouns: frozenset[str]
    titles: frozenset[str]
    sites: frozenset[str]
    bureaus: frozenset[str]
    known: Mapping[str, str]
    link_openings: frozenset[str]
    credit_phrases: frozenset[str]


@cache
def reporting(language: str = FIRST) -> Reporting:
    """config/reporting, for one language."""
    table = read_table("reporting", language)
    spoken = grammar(language)
    inflected = _Inflector(spoken, table["irregular"])
    phrases = table["phrases"]
    return Reporting(
        verbs=_verbs(table, inflected),
        phrases={form: frozenset(phrases[verb]) for verb in phrases for form in inflected(verb)},
        phrase_lemmas={form: verb for verb in phrases for form in inflected(verb)},
        adjectives=frozenset(table["adjectives"]["thought"]),
        refuse=inflected.all(table["verbs"]["refuse"]),
        lead=inflected.all(table["verbs"]["lead"]),
        media=frozenset(table["media"]["nouns"]),
        platforms=frozenset(table["media"]["platforms"]),
        media_prepositions=_prepositions(spoken, table["media"]["prepositions"]),
        documents=frozenset(table["sources"]["documents"]),
        nouns=_nouns(spoken, table["nouns"]),
        noun_sources=_prepositions(spoken, table["nouns"]["from"]),
        light=inflected.all(table["nouns"]["made"]),
        headline_sources=frozenset(table["headlines"]["sources"]),
        source_prepositions=by_first_word(
            " ".join(spoken.gloss(word, "ADP") for word in phrase.split())
            for phrase in table["sources"]["prepositions"]
        ),
        no_source=frozenset(table["sources"]["not_after_according_to"]),
        offices=frozenset(table["offices"]["nouns"]),
        office_name=table["offices"]["name"],
        attributed_by=table["attributions"]["who"],
        attribution_endings=table["attributions"]["endings"],
        confidence=table["confidence"],
    )


def _prepositions(spoken: Grammar, words: list[str]) -> frozenset[str]:
    return frozenset(spoken.gloss(word, "ADP") for word in words)


def _nouns(spoken: Grammar, table: Mapping[str, list[str]]) -> dict[str, StatementKind]:
    """Singular and plural."""
    kinds: dict[str, StatementKind] = {}
    order: tuple[StatementKind, ...] = ("thought", "speech")
    for kind in order:
        for noun in table[kind]:
            kinds |= dict.fromkeys(forms(noun, spoken.plurals), kind)
    return kinds


class _Inflector:
    def __init__(self, spoken: Grammar, irregular: Mapping[str, list[str]]) -> None:
        self.spoken = spoken
        self._irregular = irregular

    def __call__(self, lemma: str) -> frozenset[str]:
        return forms(lemma, self.spoken.verbs, self._irregular.get(lemma, ()))

    def all(self, lemmas: list[str]) -> frozenset[str]:
        return frozenset(form for lemma in lemmas for form in self(lemma))


def _verbs(table: Mapping[str, Any], inflected: _Inflector) -> dict[str, Verb]:
    """Each form with what its verb takes; a verb may stand in several classes."""
    classes = {name: frozenset(lemmas) for name, lemmas in table["verbs"].items()}
    classes |= {name: frozenset(lemmas) for name, lemmas in table["stances"].items()}
    particles = table["particles"]
    lemmas = frozenset().union(*(classes[name] for name in _TAKING), particles)
    return {
        form: _verb(lemma, classes, _prepositions(inflected.spoken, particles.get(lemma, [])))
        for lemma in sorted(lemmas)
        for form in inflected(lemma)
    }


_TAKING = (
    *("say", "tell", "quote", "object", "think", "promise", "intend"),
    *("direct", "wish", "name", "stance"),
)


def _verb(lemma: str, classes: Mapping[str, frozenset[str]], particles: frozenset[str]) -> Verb:
    def among(*names: str) -> bool:
        return any(lemma in classes[name] for name in names)

    return Verb(
        lemma=lemma,
        says=among("say", "tell"),
        tells=among("tell", "direct"),
        quotes=among("say", "tell", "quote", "object"),
        takes_object=among("object"),
        thinks=among("think"),
        intends=among("promise", "intend"),
        directs=among("direct", "wish"),
        names=among("name"),
        stance=among("stance"),
        particles=particles,
    )


@cache
def people(language: str = FIRST) -> People:
    """config/people, for one language."""
    table = read_table("people", language)
    # A first name is one in any language; where two disagree about it, the text's own decides.
    first_names = (read_table("people", FIRST)["first_names"], table["first_names"])
    nouns = table["gendered_nouns"]
    spoken = grammar(language)
    return People(
        honorifics={
            word: gender for gender, words in table["honorifics"].items() for word in words
        },
        role_nouns=frozenset(table["roles"]["nouns"]),
        ranks=frozenset(table["roles"]["ranks"]),
        role_keys=frozenset(map(fold, (*table["roles"]["nouns"], *table["roles"]["ranks"]))),
        portfolios=frozenset(table["roles"]["portfolios"]),
        gender_of_noun={word: gender for gender, words in nouns.items() for word in words},
        gender_of_name=_unambiguous(first_names[0]) | _unambiguous(first_names[1]),
        first_names=frozenset(" ".join(" ".join(t.values()) for t in first_names).split()),
        group_nouns=frozenset(table["groups"]["nouns"]),
        group_keys=frozenset(map(fold, table["groups"]["nouns"])),
        chiefs=frozenset(table["roles"]["chief_of"]),
        within_roles=frozenset(table["roles"]["within"]),
        determiners=frozenset(spoken.gloss(w, "DET") for w in table["names"]["determiners"]),
        particles=frozenset(table["names"]["particles"]),
        generations=frozenset(table["names"]["generations"]),
        small_words=frozenset(table["names"]["small"]),
        capitals_within=frozenset(table["names"]["capitals_within"]),
        doubtful_first=frozenset(table["names"]["doubtful_first"]),
        kinds=_kinds(table["kinds"]),
        kind_surnames=frozenset(table["kinds"]["surnames"]["words"]),
        kind_first=frozenset(table["kinds"]["first"]["words"]),
        kind_nouns=frozenset(_kinds(table["kinds"])) - set(table["kinds"]["not_alone"]["words"]),
        titles=frozenset(table["roles"]["before_names"]),
        sites=frozenset(table["kinds"]["sites"]["words"]),
        bureaus=frozenset(table["kinds"]["bureaus"]["words"]),
        known={fold(name): label for label, names_ in table["known"].items() for name in names_},
        link_openings=frozenset(table["furniture"]["links"]),
        credit_phrases=frozenset(table["furniture"]["credits"]),
    )


def _kinds(table: Mapping[str, Any]) -> dict[str, str | None]:
    labels = {label: words for label, words in table.items() if isinstance(words, list)}
    return {
        word: None if label == "none" else label
        for label, words in labels.items()
        for word in words
    }


def _unambiguous(names: Mapping[str, str]) -> dict[str, str]:
    """Gender by name; a name that both lists have tells nothing."""
    male, female = set(names["male"].split()), set(names["female"].split())
    return dict.fromkeys(male - female, "male") | dict.fromkeys(female - male, "female")
