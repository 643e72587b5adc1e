"""What someone wants, promises, asks of others, or is for or against: contents that are no
clause."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.enrich.cues import Cue
from pipeline.enrich.frames import Frame, Range
from pipeline.enrich.reading import NONE, Reading
from pipeline.records.annotations import StatementKind

_NOUN_TAGS = ("NN", "PRP", "DT", "CD", "VBG", "JJ")
_EMPTY = frozenset({"it", "that", "this", "so", "which", "who", "what", "himself", "herself"})
_NAMING = frozenset({"oprd", "ccomp", "xcomp", "acomp", "attr", "dobj", "nsubj"})


@dataclass(frozen=True, slots=True)
class Said:
    """Token ranges, both ends included, in text order, not yet trimmed. ``told`` is who is
    asked."""

    construction: str
    parts: tuple[Range, ...]
    kind: StatementKind = "speech"
    told: int | None = None


def find_stance(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """The infinitive, or the noun phrase, that the cue takes; None within quotes, where every "I
    want" would be one."""
    if not _is_told_here(reading, cue):
        return None
    return (
        _infinitive(reading, cue, frame)
        or _directive(reading, cue, frame)
        or _object(reading, cue, frame)
    )


def _is_told_here(reading: Reading, cue: Cue) -> bool:
    """Whether the article says it, with a subject, and not somebody it quotes."""
    own = cue.subject is not None and reading.outer[cue.verb] == reading.outer[cue.subject]
    return own and cue.level == NONE


def _infinitive(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """The infinitive of "promised to reopen the pool", from "to" on."""
    if not cue.entry.intends:
        return None
    for child in reading.parse.children[cue.verb]:
        if child > cue.last and reading.parse.dep[child] in ("xcomp", "ccomp", "advcl"):
            to = _to(reading, child)
            if to is not None and _objects_before(reading, cue, to) == []:
                return _said(reading, "infinitive", _from(reading, to), child, frame)
    return None


def _directive(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """The infinitive of "urged the council to reopen the pool"; of "wants the council to reopen
    it", where nobody is told, with who is to do it."""
    if not cue.entry.directs:
        return None
    parse = reading.parse
    for child in parse.children[cue.verb]:
        if child <= cue.last or parse.dep[child] not in ("xcomp", "ccomp", "advcl"):
            continue
        to = _to(reading, child)
        doers = _objects_before(reading, cue, to) if to is not None else []
        if to is not None and doers:
            first = _from(reading, to) if cue.entry.tells else parse.left[doers[0]]
            said = _said(reading, "directive", first, child, frame)
            return said and replace(said, told=doers[0] if cue.entry.tells else None)
    return None


def _to(reading: Reading, verb: int) -> int | None:
    parse = reading.parse
    return next(
        (c for c in parse.children[verb] if parse.lower[c] == "to" and parse.tag[c] == "TO"), None
    )


def _from(reading: Reading, to: int) -> int:
    """With a "not" before "to"."""
    return to - 1 if reading.parse.lower[to - 1] == "not" else to


def _objects_before(reading: Reading, cue: Cue, to: int | None) -> list[int]:
    """Who is asked: objects of the cue, or what the model takes for the infinitive's subject."""
    parse = reading.parse
    if to is None:
        return []
    verb = parse.head[to]
    own = [c for c in parse.children[cue.verb] if parse.dep[c] in ("dobj", "dative")]
    taken = [c for c in parse.children[verb] if parse.dep[c] in ("nsubj", "nsubjpass")]
    named = [
        noun
        for c in parse.children[cue.verb]
        if parse.lower[c] in cue.entry.particles
        for noun in parse.children[c]
        if parse.dep[noun] == "pobj"
    ]
    return sorted(noun for noun in (*own, *taken, *named) if cue.last < noun < to)


def find_naming(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """All behind the cue in "called the plan “reckless”", "described it as a failure"."""
    parse = reading.parse
    if not cue.entry.names or not _is_told_here(reading, cue):
        return None
    after = [c for c in parse.children[cue.verb] if c > cue.last]
    if after and parse.lower[after[0]] in cue.entry.particles:
        return None
    named = [c for c in after if parse.dep[c] in _NAMING]
    as_ = [c for c in after if parse.lower[c] == "as" and parse.dep[c] in ("prep", "advcl")]
    small = any(parse.dep[c] in ("oprd", "ccomp", "xcomp", "acomp", "attr") for c in named)
    if not named or not (as_ or small or len(named) > 1):
        return None
    last = max([*named, *as_], key=lambda token: parse.right[token])
    return _said(reading, "naming", cue.last + 1, last, frame, "speech")


def _object(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """What is praised, opposed or called for, with the prepositions that follow it."""
    parse = reading.parse
    after = [c for c in parse.children[cue.verb] if c > cue.last]
    if cue.entry.stance:
        objects = [c for c in after if parse.dep[c] in ("dobj", "xcomp", "ccomp")]
        if objects and parse.tag[objects[0]].startswith(_NOUN_TAGS):
            last = objects[0]
            for child in after:
                joined = parse.dep[child] in ("prep", "conj") and parse.tag[child] in ("IN", "NN")
                if child > last and joined and parse.left[child] <= parse.right[last] + 1:
                    last = child
            first = parse.left[objects[0]]
            return _said(reading, "stance", first, last, frame)
    for child in after:
        if parse.lower[child] in cue.entry.particles:
            for noun in parse.children[child]:
                if parse.dep[noun] in ("pobj", "pcomp") and noun > child:
                    return _said(reading, "stance", child + 1, noun, frame)
    return None


def _said(
    reading: Reading,
    construction: str,
    first: int,
    head: int,
    frame: Frame,
    kind: StatementKind = "thought",
) -> Said | None:
    """The words from ``first`` to the end of what ``head`` governs, within the sentence."""
    parse = reading.parse
    last = min(parse.right[head], frame.region[1])
    if first > last or (first == last and parse.lower[first] in _EMPTY):
        return None
    return Said(construction, ((first, last),), kind)
