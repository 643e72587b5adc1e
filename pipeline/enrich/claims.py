"""Attributions as found in a sentence: before it is known who "he" is."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from pipeline.enrich.according import find_sourced
from pipeline.enrich.contents import find_content
from pipeline.enrich.cues import Cue, find_cues
from pipeline.enrich.datelines import dateline_end
from pipeline.enrich.frames import Range
from pipeline.enrich.headlines import find_lines
from pipeline.enrich.lexicon import Reporting
from pipeline.enrich.noun_cues import find_noun_cues
from pipeline.enrich.parse import Parse
from pipeline.enrich.quotes import QUOTATION_MARKS
from pipeline.enrich.reading import NONE, Reading
from pipeline.enrich.stances import Said
from pipeline.records import Span
from pipeline.records.annotations import StatementKind

_DROPPED = frozenset({",", ".", ";", ":", "–", "—", "-", "--", "…", "..."})
_TERMINAL = frozenset(".!?…—–-")
_NESTING = 20
_THINGS = frozenset({"NN", "NNS"})
CONSTRUCTIONS = (  # of two that claim the same words, the one named first here has them
    "noun",
    "quote_floating",
    "quote",
    "clause",
    "according_to",
    "fronted",
    "parenthetical",
    "object",
    "line",
    "infinitive",
    "directive",
    "naming",
    "stance",
)
_ENDED = re.compile(r"[.!?:…]\W*$|[”\")]$")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who (token ``speaker``, the head) said what (``parts``, characters), by which words.

    ``verb`` is the token whose dependents tell addressee and medium; both it and the cue are
    missing where a quote stands alone. ``told`` is who was told, where the cue knows. ``level`` is
    the quote the attribution itself stands in.
    """

    construction: str
    parts: tuple[Span, ...]
    level: int = NONE
    verb: int | None = None
    cue: Range | None = None
    lemma: str = ""
    speaker: int | None = None
    negated: bool = False
    hypothetical: bool = False
    kind: StatementKind = "speech"
    told: int | None = None

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return self.parts[-1].end


def find_claims(reading: Reading, words: Reporting) -> list[Claim]:
    """All attributions of a text, in the order of their contents."""
    found = [
        *_spoken(reading, words),
        *_sourced(reading, words),
        *_by_noun(reading, words),
    ]
    claims = _without_doubles(_with_lines(_apart(found, reading), reading, words))
    claims += _floating(reading, claims)
    return sorted(claims, key=lambda claim: (claim.start, -claim.end))


def _spoken(reading: Reading, words: Reporting) -> Iterator[Claim]:
    for cue in find_cues(reading, words):
        said = find_content(reading, cue)
        if said is None:
            continue
        parts = _spans(reading, said.parts, cue.level, cue.verb)
        if parts and not is_title(parts, reading.parse.text):
            yield _claim(cue, said, parts)


def is_title(parts: tuple[Span, ...], text: str) -> bool:
    """“The Salt Road”: every word of weight begins with a capital, and no comma or full stop ends
    it."""
    inner = parts[0].of(text)
    if len(parts) > 1 or inner[:1] not in QUOTATION_MARKS or inner[-1:] not in QUOTATION_MARKS:
        return False
    words = inner[1:-1].split()
    if len(words) < 2 or inner[-2] in ",.!?…—–-":
        return False
    return words[0][:1].isupper() and all(word[:1].isupper() or len(word) <= 3 for word in words)


def _claim(cue: Cue, said: Said, parts: tuple[Span, ...]) -> Claim:
    return Claim(
        construction=said.construction,
        parts=parts,
        level=cue.level,
        verb=cue.verb,
        cue=(cue.first, cue.last),
        lemma=cue.lemma,
        speaker=cue.subject,
        negated=cue.negated,
        hypothetical=cue.hypothetical,
        kind=said.kind,
        told=cue.told if said.told is None else said.told,
    )


def _sourced(reading: Reading, words: Reporting) -> Iterator[Claim]:
    for sourced in find_sourced(reading, words):
        parts = _spans(reading, sourced.parts, sourced.level, sourced.cue[0])
        if parts:
            yield Claim(
                construction="according_to",
                parts=parts,
                level=sourced.level,
                cue=sourced.cue,
                lemma="according to",
                speaker=sourced.speaker,
            )


def _by_noun(reading: Reading, words: Reporting) -> Iterator[Claim]:
    for cue in find_noun_cues(reading, words):
        parts = _spans(reading, (cue.part,), NONE, cue.noun)
        if parts:
            yield Claim(
                construction="noun",
                parts=parts,
                cue=(cue.noun, cue.noun),
                lemma=reading.parse.lower[cue.noun],
                speaker=cue.speaker,
                kind=cue.kind,
            )


def _with_lines(claims: list[Claim], reading: Reading, words: Reporting) -> list[Claim]:
    """With those of headlines and interviews, where no cue attributes the same words."""
    taken = _Taken([claim for claim in claims if claim.kind == "speech"])
    lines = []
    for line in find_lines(reading, words):
        parts = _spans(reading, (line.part,), NONE, line.speaker)
        if parts and not any(taken.touch(part.start, part.end) for part in parts):
            lines.append(Claim(construction="line", parts=parts, speaker=line.speaker))
    return [*claims, *lines]


def _spans(reading: Reading, ranges: tuple[Range, ...], level: int, cue: int) -> tuple[Span, ...]:
    return tuple(span for part in ranges for span in _pieces(reading, part, level, cue))


def _pieces(reading: Reading, part: Range, level: int, cue: int) -> list[Span]:
    """The characters of a range: whole quotes, no punctuation at the edges, no leading "that" or
    dateline; one span for each paragraph that a quote runs through."""
    first, last = _over_quotes(reading, part, level, cue)
    first, last = _trimmed(reading, first, last, level)
    if first > last:
        return []
    parse = reading.parse
    whole = Span(parse.start[first], parse.end[last])
    quote = reading.quote_at(last, level)
    pieces = reading.quotes[quote].quote.parts if quote != NONE else ()
    if len(pieces) < 2 or pieces[-1].end != whole.end:
        return [whole]
    return [Span(min(whole.start, pieces[0].start), pieces[0].end), *pieces[1:]]


def _over_quotes(reading: Reading, part: Range, level: int, cue: int) -> Range:
    """A range that begins or ends within a quote takes all of it, unless the cue is in it."""
    first, last = part
    for edge in part:
        quote = reading.quote_at(edge, level)
        if quote == NONE:
            continue
        quoted = reading.quotes[quote]
        if not quoted.first <= cue <= quoted.last:
            first, last = min(first, quoted.first), max(last, quoted.last)
    return first, last


def _trimmed(reading: Reading, first: int, last: int, level: int) -> Range:
    parse = reading.parse

    def dropped(token: int) -> bool:
        free = reading.quote_at(token, level) == NONE
        return parse.tag[token] == "_SP" or (free and parse.word[token] in _DROPPED)

    while first <= last and dropped(last):
        last -= 1
    while first <= last and (dropped(first) or _is_that(reading, first, last)):
        first += 1
    if first <= last:
        begins = dateline_end(parse.text, parse.start[first])
        first = next((each for each in range(first, last) if parse.start[each] >= begins), last)
    return first, last


def _is_that(reading: Reading, first: int, last: int) -> bool:
    parse = reading.parse
    return parse.lower[first] == "that" and parse.tag[first] in ("IN", "WDT") and first < last


def _apart(claims: list[Claim], reading: Reading) -> list[Claim]:
    """With what the speaker goes on to say taken out of the content before it: "argued that the
    move hurt, noting that …" is two statements, where nothing but a thing could be noting."""
    parse = reading.parse
    by_verb = {claim.verb: claim for claim in claims if claim.verb is not None}
    for verb, added in list(by_verb.items()):
        comma, subject = verb - 1, added.speaker
        if parse.tag[verb] != "VBG" or comma < 1 or parse.word[comma] != "," or subject is None:
            continue
        around = _governing(parse, verb, by_verb)
        if around is None or parse.tag[subject] not in _THINGS:
            continue
        end = parse.end[comma - 1]
        if around.level == added.level and around.parts[-1].start < end < around.end:
            parts = (*around.parts[:-1], Span(around.parts[-1].start, end))
            by_verb[verb] = replace(added, speaker=around.speaker)
            by_verb[parse.head[parse.head[verb]]] = replace(around, parts=parts)
    return [claim if claim.verb is None else by_verb[claim.verb] for claim in claims]


def _governing(parse: Parse, verb: int, by_verb: dict[int, Claim]) -> Claim | None:
    """The claim whose content's verb this verb hangs on."""
    content = parse.head[verb]
    cue = parse.head[content]
    return by_verb.get(cue) if cue < content < verb else None


def _without_doubles(claims: list[Claim]) -> list[Claim]:
    """Where two cues claim the same words, the one that stands nearer to them has them."""
    kept: dict[tuple[int, int], Claim] = {}
    for claim in claims:
        key = (claim.start, claim.end)
        rival = kept.get(key)
        if rival is None or _rank(claim) < _rank(rival):
            kept[key] = claim
    return list(kept.values())


def _rank(claim: Claim) -> int:
    return CONSTRUCTIONS.index(claim.construction)


def _floating(reading: Reading, claims: list[Claim]) -> list[Claim]:
    """Quotes that nothing attributes and that are sentences of their own."""
    # What is said inside a quote is no part of who says the quote.
    taken = _Taken([claim for claim in claims if claim.level == NONE])
    found = []
    for quoted in reading.quotes:
        quote = quoted.quote
        if quoted.within != NONE or taken.touch(quote.start, quote.end):
            continue
        if _is_sentence(reading.parse.text, quote.start, quote.end):
            found.append(Claim(construction="quote_floating", parts=quote.parts))
    return found


class _Taken:
    """The characters that claims hold already."""

    def __init__(self, claims: list[Claim]) -> None:
        parts = sorted((part.start, part.end) for claim in claims for part in claim.parts)
        self._starts = [start for start, _ in parts]
        self._reach = list(accumulate((end for _, end in parts), max))

    def touch(self, start: int, end: int) -> bool:
        """Whether a claim holds any of these characters."""
        before = bisect_left(self._starts, end)
        return before > 0 and self._reach[before - 1] > start


def _is_sentence(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 40) : start].rstrip()
    begins = not before or _ENDED.search(before) or "\n" in text[max(0, start - 3) : start]
    inner = text[start + 1 : end - 1].rstrip()
    return bool(begins) and inner[-1:] in _TERMINAL and len(inner.split()) > 1


def containing(claims: list[Claim]) -> list[int | None]:
    """For each claim, in the order of :func:`find_claims`, the smallest one whose content holds
    it."""
    parents: list[int | None] = []
    open_: list[int] = []
    for number, claim in enumerate(claims):
        while open_ and claims[open_[-1]].end <= claim.start:
            open_.pop()
        holding = (
            around
            for around in reversed(open_[-_NESTING:])
            if claims[around].end >= claim.end and _extent(claims[around]) > _extent(claim)
        )
        parents.append(next(holding, None))
        open_.append(number)
    return parents


def _extent(claim: Claim) -> int:
    return claim.end - claim.start
