"""Finding the words that attribute, and who they attribute to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.enrich.lexicon import Reporting, Verb
from pipeline.enrich.parse import Parse
from pipeline.enrich.reading import Reading

_CONDITIONS = frozenset({"if", "unless", "whether", "lest"})
_UNREAL = frozenset({"would", "could", "should", "might", "may", "must", "can", "ca", "’d", "'d"})
_NOBODY = frozenset({"nobody", "none", "neither"})
_CLIMB_LIMIT = 6
_NEAR = 4
_BELIEVING = Verb("be", says=False, tells=False, quotes=False, takes_object=False, thinks=True)
_SPEAKING = Verb("make", says=True, tells=False, quotes=False, takes_object=False)


@dataclass(frozen=True, slots=True)
class Cue:
    """An attributing verb: tokens ``first`` to ``last``, both included. ``subject`` is the head of
    who speaks, None where the sentence does not say. ``level`` is the quote it is spoken in.
    ``told`` is who was told, in the passive; ``documented`` whether the subject is a paper."""

    verb: int
    first: int
    last: int
    lemma: str
    entry: Verb
    subject: int | None
    negated: bool
    level: int
    hypothetical: bool = False
    told: int | None = None
    passive: bool = False
    documented: bool = False


def find_cues(reading: Reading, words: Reporting) -> Iterator[Cue]:
    """The verbs that say that something was, or was not, said."""
    parse = reading.parse
    for token, lower in enumerate(parse.lower):
        if lower in words.adjectives and parse.dep[token] == "acomp":
            yield _adjective(reading, token)
        if not parse.tag[token].startswith("VB"):
            continue
        entry = words.verbs.get(lower)
        if entry is not None and _leads_on(parse, words, token):
            continue
        if entry is not None:
            last = _particle(parse, token)
            lemma = entry.lemma if last == token else f"{entry.lemma} {parse.lower[last]}"
            cue = _cue(reading, words, token, last, lemma, entry)
        elif lower in words.phrases:
            cue = _phrase(reading, words, token)
        else:
            continue
        if cue is not None:
            yield cue


def _adjective(reading: Reading, token: int) -> Cue:
    """The adjective of "is confident that", with what its verb tells."""
    parse = reading.parse
    verb = parse.head[token]
    subject = find_subject(reading, verb)
    negated = is_negated(parse, verb, subject)
    return Cue(
        verb=token,
        first=token,
        last=token,
        lemma=parse.lower[token],
        entry=_BELIEVING,
        subject=subject,
        negated=negated,
        level=reading.level(token, subject),
        hypothetical=not negated and _is_hypothetical(parse, verb),
    )


def _particle(parse: Parse, token: int) -> int:
    """The last token of "pointed out", "shot back"."""
    after = token + 1
    joined = after < len(parse) and parse.dep[after] == "prt" and parse.head[after] == token
    return after if joined else token


def _leads_on(parse: Parse, words: Reporting, token: int) -> bool:
    """Whether another verb is what attributes: "declined to say", "went on to say"."""
    if parse.lower[token] not in words.refuse and parse.lower[token] not in words.lead:
        return False
    return any(
        parse.dep[child] == "xcomp" and child > token and _says(words, parse.lower[child])
        for child in parse.children[token]
    )


def _says(words: Reporting, form: str) -> bool:
    entry = words.verbs.get(form)
    return entry is not None and entry.says


def _phrase(reading: Reading, words: Reporting, token: int) -> Cue | None:
    parse = reading.parse
    lower = parse.lower[token]
    for last in range(token + 1, min(token + 5, len(parse))):
        if parse.lower[last] in words.phrases[lower]:
            lemma = f"{words.phrase_lemmas[lower]} {parse.lower[last]}"
            return _cue(reading, words, token, last, lemma, _SPEAKING)
    return None


def _cue(
    reading: Reading, words: Reporting, token: int, last: int, lemma: str, entry: Verb
) -> Cue | None:
    parse = reading.parse
    passive = any(parse.dep[child] == "auxpass" for child in parse.children[token])
    subject = _agent(parse, token) if passive else find_subject(reading, token)
    negated = is_negated(parse, token, subject)
    if not _attributes(parse, words, token):
        return None
    return Cue(
        verb=token,
        first=token,
        last=last,
        lemma=lemma,
        entry=entry,
        subject=subject,
        negated=negated or _is_refused(parse, words, token),
        level=reading.level(token, subject),
        hypothetical=not negated and _is_hypothetical(parse, token),
        told=_told(parse, token) if passive and entry.tells else None,
        passive=passive,
        documented=subject is not None and parse.lower[subject] in words.documents,
    )


def _attributes(parse: Parse, words: Reporting, token: int) -> bool:
    """Whether the verb tells of someone who speaks: not as a noun's modifier, in a comparison
    ("more than he says"), or as what is only to be done ("wants to say")."""
    for child in parse.children[token]:
        dep, lower = parse.dep[child], parse.lower[child]
        if lower == "than" and child < token:
            return False
        if dep == "aux" and lower == "to":
            governor = parse.lower[parse.head[token]]
            return governor in words.refuse or governor in words.lead
    joined = parse.word[token - 1] == "-" and parse.end[token - 1] == parse.start[token]
    return parse.dep[token] not in ("amod", "compound") and not joined


def _agent(parse: Parse, token: int) -> int | None:
    """Who did it, in the passive: "was told by the ministry"."""
    for child in parse.children[token]:
        if parse.dep[child] in ("agent", "prep") and parse.lower[child] == "by":
            return next((c for c in parse.children[child] if parse.dep[c] == "pobj"), None)
    return None


def _told(parse: Parse, token: int) -> int | None:
    return next((c for c in parse.children[token] if parse.dep[c] == "nsubjpass"), None)


def _is_hypothetical(parse: Parse, token: int) -> bool:
    """Whether it could be said, or might, or would be: "if the mayor says"."""
    for child in parse.children[token]:
        dep, lower = parse.dep[child], parse.lower[child]
        if dep in ("mark", "advmod") and lower in _CONDITIONS and child < token:
            return True
        if dep == "aux" and lower in _UNREAL:
            return True
    return False


def _is_refused(parse: Parse, words: Reporting, token: int) -> bool:
    return parse.dep[token] == "xcomp" and parse.lower[parse.head[token]] in words.refuse


def is_negated(parse: Parse, token: int, subject: int | None) -> bool:
    """Whether the verb is said not to have happened."""
    if any(
        parse.dep[child] == "neg" or parse.lower[child] == "never"
        for child in parse.children[token]
    ):
        return True
    return subject is not None and (
        parse.lower[subject] in _NOBODY
        or parse.lower[parse.left[subject] : subject + 1] == ["no", "one"]
    )


def find_subject(reading: Reading, verb: int) -> int | None:
    """The head of the verb's subject: its own, or that of the verb it hangs on ("said …,
    adding")."""
    parse = reading.parse
    for _ in range(_CLIMB_LIMIT):
        own = _own_subject(reading, verb)
        if own is not None:
            return _adjoining(parse, verb, _antecedent(parse, verb, own))
        head, dep = parse.head[verb], parse.dep[verb]
        if dep in ("acl", "relcl") and parse.tag[head].startswith(("NN", "PRP")):
            return head
        if head == verb or dep not in ("conj", "xcomp", "advcl", "pcomp", "prep", "dep", "acl"):
            return None
        verb = head
    return None


def _own_subject(reading: Reading, verb: int) -> int | None:
    """The nearest subject, before any that a quotation mark parts from the verb."""
    parse, quote = reading.parse, reading.outer[verb]
    subjects = parse.subjects.get(verb, ())
    place = bisect_left(subjects, verb)
    return min(
        subjects[max(0, place - _NEAR) : place + _NEAR],
        key=lambda child: (reading.outer[child] != quote, abs(child - verb)),
        default=None,
    )


def _adjoining(parse: Parse, verb: int, subject: int | None) -> int | None:
    """What the model took for an apposition, but no comma closes it, is the subject itself: "the
    contractors, city treasurer Adam Wrona confirmed, have asked"."""
    if subject is None or subject > verb:
        return subject
    for child in parse.children[subject]:
        if parse.dep[child] == "appos" and parse.right[child] == verb - 1:
            return child if parse.word[parse.left[child] - 1] == "," else subject
    return subject


def _antecedent(parse: Parse, verb: int, subject: int) -> int | None:
    """Who "who" is: the noun its clause describes."""
    if parse.tag[subject] not in ("WP", "WDT"):
        return subject
    return parse.head[verb] if parse.dep[verb] == "relcl" else None
