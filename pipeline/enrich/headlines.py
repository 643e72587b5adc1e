"""What stands beside a colon and who says it: "Mayor: no deal", "‘We were lied to’: nurses", and
the lines of an interview, "SMITH: I was there"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.enrich.frames import SPACE, Range
from pipeline.enrich.lexicon import Reporting
from pipeline.enrich.reading import NONE, Reading

_LONGEST_NAME = 8
_MIN_WORDS = 2
_NEAR = 3
_FINITE = frozenset({"VBZ", "VBD", "VBP", "MD"})


@dataclass(frozen=True, slots=True)
class Line:
    """The last token of who speaks, and the tokens of what is said."""

    speaker: int
    part: Range


def find_lines(reading: Reading, words: Reporting) -> Iterator[Line]:
    """Paragraphs that are a speaker, a colon and what they say; a headline may turn it round."""
    surnames = _surnames(reading)
    for number, (first, last) in enumerate(_paragraphs(reading)):
        colon = _colon(reading, first, last)
        if colon is None:
            continue
        end = _unstopped(reading, last)
        if number == 0 and reading.outer[first] != NONE:
            end = _source_behind(reading, words, colon, end)
        if _speaks(reading, words, surnames, first, colon - 1):
            if _is_said(reading, colon + 1, last, headline=number == 0):
                yield Line(colon - 1, (colon + 1, last))
        elif (number == 0 or reading.outer[first] != NONE) and _speaks(
            reading, words, surnames, colon + 1, end
        ):
            yield Line(end, (first, colon - 1))


def _paragraphs(reading: Reading) -> Iterator[Range]:
    parse = reading.parse
    first = 0
    for token in range(len(parse) + 1):
        if token == len(parse) or (parse.tag[token] == SPACE and "\n" in parse.word[token]):
            if token > first:
                yield first, token - 1
            first = token + 1


def _colon(reading: Reading, first: int, last: int) -> int | None:
    """The only colon outside quotes near either end of a paragraph."""
    parse = reading.parse
    near = {*range(first + 1, min(first + _LONGEST_NAME, last))}
    near |= {*range(max(first + 1, last - _LONGEST_NAME), last)}
    colons = [t for t in sorted(near) if parse.word[t] == ":" and reading.outer[t] == NONE]
    return colons[0] if len(colons) == 1 else None


def _surnames(reading: Reading) -> frozenset[str]:
    """The last words of people's names, in lower case."""
    parse = reading.parse
    return frozenset(parse.lower[name.end - 1] for name in parse.names if name.label == "PERSON")


def _speaks(
    reading: Reading, words: Reporting, surnames: frozenset[str], first: int, last: int
) -> bool:
    """Whether these words are someone who may speak: a name, or a noun for a source."""
    parse = reading.parse
    if not 0 <= last - first < _LONGEST_NAME or reading.outer[last] != NONE:
        return False
    if any(parse.tag[token].startswith(("VB", "MD", "W")) for token in range(first, last + 1)):
        return False
    if parse.lower[last] in surnames:
        return parse.word[first][:1].isupper()
    return parse.lower[last] in words.documents or parse.lower[last] in words.headline_sources


def _source_behind(reading: Reading, words: Reporting, colon: int, last: int) -> int:
    """The noun for a source that a headline goes on with: "‘We were lied to’: nurses walk out"."""
    near = range(colon + 1, min(colon + 1 + _NEAR, last + 1))
    return next((t for t in near if reading.parse.lower[t] in words.headline_sources), last)


def _unstopped(reading: Reading, last: int) -> int:
    return last - 1 if reading.parse.word[last] in (".", "!", "?") else last


def _is_said(reading: Reading, first: int, last: int, *, headline: bool) -> bool:
    """Whether these words may be somebody's: two at least, and below the headline with a verb that
    says something ("Best actor: Ben Stone" is no interview)."""
    parse = reading.parse
    tokens = range(first, last + 1)
    if sum(parse.word[token][:1].isalnum() for token in tokens) < _MIN_WORDS:
        return False
    return headline or any(parse.tag[token] in _FINITE for token in tokens)
