"""What is told "according to" someone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.enrich.frames import Range
from pipeline.enrich.lexicon import Reporting
from pipeline.enrich.parse import Parse
from pipeline.enrich.reading import NONE, Reading


@dataclass(frozen=True, slots=True)
class Sourced:
    """``cue`` and ``parts`` are token ranges, ``speaker`` is the head of the source."""

    cue: Range
    speaker: int
    parts: tuple[Range, ...]
    level: int


def find_sourced(reading: Reading, words: Reporting) -> Iterator[Sourced]:
    """Every "according to" that names a source."""
    parse = reading.parse
    for token in range(len(parse) - 1):
        last = _preposition_end(parse, words, token)
        if last is None:
            continue
        speaker = _source(parse, token, last)
        if speaker is None or parse.lower[speaker] in words.no_source:
            continue
        level = reading.level(token, None)
        parts = _parts(reading, token, speaker, level)
        if parts:
            yield Sourced((token, last), speaker, parts, level)


def _preposition_end(parse: Parse, words: Reporting, token: int) -> int | None:
    """The last token of a preposition that names sources and begins here."""
    for preposition in words.source_prepositions.get(parse.lower[token], ()):
        end = token + len(preposition)
        if tuple(parse.lower[token:end]) == preposition:
            return end - 1
    return None


def _source(parse: Parse, first: int, last: int) -> int | None:
    """The noun that one of these tokens governs."""
    governed = (c for token in range(last, first - 1, -1) for c in parse.children[token])
    return next((c for c in governed if parse.dep[c] == "pobj" and c > last), None)


def _parts(reading: Reading, token: int, speaker: int, level: int) -> tuple[Range, ...]:
    first, last = reading.region(token, level)
    end = _source_end(reading, token, speaker, last)
    found = []
    while first < token and reading.parse.tag[first] in ("CC", "_SP"):
        first += 1
    if _words(reading, first, token - 1):
        found.append((first, token - 1))
    goes_on = bool(found) and _goes_on_otherwise(reading, end, last)
    if not goes_on and _words(reading, end + 1, last):
        found.append((end + 1, last))
    return tuple(found)


def _goes_on_otherwise(reading: Reading, end: int, last: int) -> bool:
    """Whether what follows is joined on and said by nobody: "…, according to him, and sales
    fell"."""
    following = [t for t in range(end + 1, min(last, end + 4) + 1) if reading.parse.word[t] != ","]
    return bool(following) and reading.parse.tag[following[0]] == "CC"


def _source_end(reading: Reading, token: int, speaker: int, last: int) -> int:
    """Where the source's phrase ends: with its apposition or relative clause, but before a
    quote."""
    parse = reading.parse
    end = min(max(parse.right[speaker], speaker), last)
    outside = reading.outer[token]
    for place in range(token, end + 1):
        if reading.outer[place] != outside:
            return place - 1
    return end


def _words(reading: Reading, first: int, last: int) -> bool:
    """Whether there are at least two words to be a content, or a quote."""
    parse = reading.parse
    words = [t for t in range(first, last + 1) if parse.word[t][:1].isalnum()]
    return len(words) > 1 or any(reading.outer[t] != NONE for t in words)
