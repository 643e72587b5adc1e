"""To whom something was said, and in what medium."""

from __future__ import annotations

from pipeline.enrich.claims import Claim
from pipeline.enrich.frames import Range
from pipeline.enrich.lexicon import Reporting
from pipeline.enrich.phrases import phrase_start
from pipeline.enrich.reading import Reading

_PLACED = frozenset({"on", "to", "from", "of"})


def find_addressee(reading: Reading, claim: Claim, words: Reporting) -> Range | None:
    """The phrase for who was told, with the head as its last noun; None where nobody is."""
    if claim.verb is None:
        return None
    head = claim.told if claim.told is not None else _told(reading, claim, words)
    if head is None or (claim.told is None and _within(reading, claim, head)):
        return None
    return phrase_start(reading, head), head


def _told(reading: Reading, claim: Claim, words: Reporting) -> int | None:
    """The head of who was told: the object of "told", or what stands after "said to"."""
    parse, verb = reading.parse, claim.verb
    assert verb is not None
    entry = words.verbs.get(parse.lower[verb])
    for child in _dependents(reading, claim, verb):
        if child < verb:
            continue
        if entry is not None and entry.tells and _is_object(reading, claim, child):
            return child
        if parse.lower[child] == "to" and parse.dep[child] in ("prep", "dative"):
            return next((c for c in parse.children[child] if parse.dep[c] == "pobj"), None)
    return None


def _dependents(reading: Reading, claim: Claim, verb: int) -> list[int]:
    """Those of the verb and of the last word of its cue: "made it clear to the envoy"."""
    children = reading.parse.children
    last = claim.cue[1] if claim.cue else verb
    return children[verb] if last == verb else [*children[verb], *children[last]]


def _is_object(reading: Reading, claim: Claim, child: int) -> bool:
    dep = reading.parse.dep[child]
    # "told" with a clause: the model may take who was told for the clause's subject.
    mistaken = dep == "nsubj" and claim.lemma == "tell" and child != claim.speaker
    return dep in ("dobj", "dative") or mistaken


def _within(reading: Reading, claim: Claim, token: int) -> bool:
    at = reading.parse.start[token]
    return any(part.start <= at < part.end for part in claim.parts)


def addressee_text(reading: Reading, phrase: Range) -> str:
    """The words for who was told, with an "of …" that belongs to them ("a crowd of supporters")."""
    parse = reading.parse
    first, last = phrase
    for child in parse.children[last]:
        if parse.lower[child] == "of" and child == last + 1:
            last = parse.right[child]
    return parse.slice(first, last)


def find_medium(reading: Reading, claim: Claim, words: Reporting) -> Range | None:
    """The phrase for the medium: "said in a statement"."""
    if claim.verb is None:
        return None
    parse = reading.parse
    for preposition in parse.children[claim.verb]:
        if parse.lower[preposition] not in words.media_prepositions:
            continue
        for noun in parse.children[preposition]:
            known = parse.dep[noun] == "pobj" and (
                parse.lower[noun] in words.media or parse.lower[noun] in words.platforms
            )
            if known and not _within(reading, claim, noun):
                return phrase_start(reading, noun), _with_place(reading, noun)
    return None


def _with_place(reading: Reading, noun: int) -> int:
    """Where a medium was, if that is a name: "a post on Facebook"."""
    parse = reading.parse
    for child in parse.children[noun]:
        if child != noun + 1 or parse.lower[child] not in _PLACED:
            continue
        for name in parse.children[child]:
            if parse.dep[name] == "pobj" and parse.tag[name] in ("NNP", "NNPS"):
                return name
    return noun
