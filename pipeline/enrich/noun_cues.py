"""What a noun attributes: "the company's claim that the bridge is safe", "his promise to repair
it"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.enrich.cues import find_subject
from pipeline.enrich.frames import Range
from pipeline.enrich.lexicon import Reporting
from pipeline.enrich.parse import Parse
from pipeline.enrich.reading import NONE, Reading
from pipeline.records.annotations import StatementKind


@dataclass(frozen=True, slots=True)
class NounCue:
    """The noun, the head of whose it is, and the tokens of the content."""

    noun: int
    speaker: int
    part: Range
    kind: StatementKind


def find_noun_cues(reading: Reading, words: Reporting) -> Iterator[NounCue]:
    """Every noun of config/reporting that has a clause or an infinitive and someone whose it is,
    outside quotes."""
    parse = reading.parse
    for token, lower in enumerate(parse.lower):
        kind = words.nouns.get(lower)
        if kind is None or not parse.tag[token].startswith("NN") or reading.outer[token] != NONE:
            continue
        clause = _clause(parse, token)
        speaker = _whose(reading, words, token) if clause is not None else None
        if clause is None or speaker is None:
            continue
        infinitive = parse.lower[parse.left[clause]] == "to"
        last = min(parse.right[clause], reading.region(token, NONE)[1])
        yield NounCue(token, speaker, (parse.left[clause], last), "thought" if infinitive else kind)


def _clause(parse: Parse, noun: int) -> int | None:
    """The verb of the clause that the noun takes: one with "that", or an infinitive."""
    for child in parse.children[noun]:
        if child < noun or parse.dep[child] not in ("acl", "relcl", "ccomp", "xcomp"):
            continue
        first = parse.left[child]
        if parse.lower[first] == "that" and parse.tag[first] == "IN":
            return child
        if parse.lower[first] == "to" and parse.tag[first] == "TO":
            return child
    return None


def _whose(reading: Reading, words: Reporting, noun: int) -> int | None:
    """Whose claim it is: its possessor, whom it comes from, or who makes it."""
    parse = reading.parse
    for child in parse.children[noun]:
        if parse.dep[child] == "poss":
            return child
        if parse.lower[child] in words.noun_sources and parse.dep[child] == "prep":
            return next((c for c in parse.children[child] if parse.dep[c] == "pobj"), None)
    verb = parse.head[noun]
    if parse.dep[noun] == "dobj" and parse.lower[verb] in words.light:
        return find_subject(reading, verb)
    return None
