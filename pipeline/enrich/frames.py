"""The attributing clause in its sentence: where it stands and what stands beside it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from pipeline.enrich.cues import Cue
from pipeline.enrich.parse import Parse
from pipeline.enrich.reading import Reading

Range = tuple[int, int]

COMMAS = frozenset({",", "–", "—", "-", "--"})
SPACE = "_SP"
_CIRCUMSTANCES = frozenset(
    (
        "prt",
        "advmod",
        "npadvmod",
        "prep",
        "nsubj",
        "dobj",
        "dative",
        "acomp",
        "oprd",
        "agent",
        "neg",
    )
)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Frame:
    """Tokens ``first`` to ``last`` are the clause itself: subject, verb, and what tells how and to
    whom. ``region`` is its sentence (see Reading.region), ``before`` and ``after`` are the nearest
    tokens outside the clause that are not space, None at the ends of the text."""

    first: int
    last: int
    region: Range
    before: int | None
    after: int | None


def frame_of(reading: Reading, cue: Cue) -> Frame:
    """The clause around a cue."""
    first, last = _clause_start(reading, cue), _clause_end(reading, cue)
    return Frame(
        first,
        last,
        reading.region(cue.verb, cue.level),
        neighbour(reading, first, -1),
        neighbour(reading, last, +1),
    )


def is_comma(parse: Parse, token: int) -> bool:
    """Whether it parts what stands around it; the hyphen of "Smith-Jones" does not."""
    if parse.word[token] not in COMMAS:
        return False
    within = 0 < token < len(parse) - 1 and (
        parse.end[token - 1] == parse.start[token] and parse.end[token] == parse.start[token + 1]
    )
    return parse.word[token] != "-" or not within


def neighbour(reading: Reading, token: int, step: int) -> int | None:
    """The next token, to the left or right, that is not space."""
    token += step
    while 0 <= token < len(reading.parse):
        if reading.parse.tag[token] != SPACE:
            return token
        token += step
    return None


def _clause_start(reading: Reading, cue: Cue) -> int:
    parse, first = reading.parse, cue.first
    for child in reversed(_nearby(parse.children[cue.verb], cue.verb)):
        parted = any(is_comma(parse, t) for t in range(parse.right[child] + 1, first))
        if child < first and _leads(parse, child) and not parted:
            first = min(first, _phrase_start(reading, child, cue))
    if cue.subject is not None and _speaks_here(reading, cue, cue.subject):
        first = min(first, _phrase_start(reading, cue.subject, cue))
    return first


def _leads(parse: Parse, child: int) -> bool:
    """Whether it is part of the verb's group: an auxiliary, a "not", an object pronoun before the
    verb, as Romance languages have it."""
    pronoun = parse.tag[child] == "PRP" and parse.dep[child] in ("dobj", "dative")
    return pronoun or parse.dep[child] in ("aux", "neg", "advmod")


def _clause_end(reading: Reading, cue: Cue) -> int:
    parse, last = reading.parse, cue.last
    for child in _nearby(parse.children[cue.verb], cue.verb):
        if child <= last or parse.dep[child] not in _CIRCUMSTANCES:
            continue
        following = neighbour(reading, last, +1)
        if following is not None and following < parse.left[child]:
            break
        last = _phrase_end(reading, child, cue)
    while last > cue.last and (parse.word[last] in COMMAS or parse.tag[last] == SPACE):
        last -= 1
    return last


def _nearby(tokens: list[int], token: int) -> list[int]:
    return tokens[bisect_left(tokens, token - _LONGEST) : bisect_left(tokens, token + _LONGEST)]


def _speaks_here(reading: Reading, cue: Cue, subject: int) -> bool:
    """Whether the subject stands before this verb and is its own, not that of a verb it hangs
    on."""
    parse = reading.parse
    own = parse.head[subject] == cue.verb or parse.right[subject] == cue.first - 1
    return own and subject < cue.first


def _phrase_start(reading: Reading, head: int, cue: Cue) -> int:
    parse, quote = reading.parse, reading.quote_at(cue.verb, cue.level)
    start = head
    for token in range(head - 1, max(parse.left[head], head - _LONGEST) - 1, -1):
        if is_comma(parse, token) or reading.quote_at(token, cue.level) != quote:
            break
        start = token
    return start


def _phrase_end(reading: Reading, head: int, cue: Cue) -> int:
    quote = reading.quote_at(cue.verb, cue.level)
    end = head
    for token in range(head + 1, min(reading.parse.right[head], head + _LONGEST) + 1):
        if reading.quote_at(token, cue.level) != quote:
            break
        end = token
    return end
