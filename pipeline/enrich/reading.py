"""A parsed text with its quotes laid over the tokens: what the statement rules look at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.enrich.parse import Parse
from pipeline.enrich.quotes import Quote

NONE = -1
_REACH = 250  # tokens; a sentence is rarely over 80, and a text without full stops has one
_NESTED = 40


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote by tokens, ``first`` and ``last`` included; ``within`` is the index of the one
    around."""

    quote: Quote
    first: int
    last: int
    within: int = NONE


@dataclass(frozen=True, slots=True)
class Reading:
    """``outer`` and ``inner`` give, for each token, the index in ``quotes`` of the outermost quote
    and of the quote nested in it that the token stands in, or NONE."""

    parse: Parse
    quotes: list[Quoted]
    starts: list[int]
    outer: list[int]
    inner: list[int]

    def level(self, token: int, subject: int | None) -> int:
        """The quote a verb speaks in, or NONE. A verb that is quoted without its subject ("she
        “warned” them") is the reporter's own."""
        quote = self.outer[token]
        if quote != NONE and subject is not None and self.outer[subject] != quote:
            return NONE
        return quote

    def quote_at(self, token: int, level: int) -> int:
        """The quote a token stands in, seen by someone who speaks in quote ``level``."""
        quote = self.outer[token]
        return self.inner[token] if quote == level and level != NONE else quote

    def quotes_over(self, start: int, end: int) -> Iterator[Quoted]:
        """The quotes, nested ones too, that may share characters with a range: those that begin
        before its end and, of the ones before it, the last few."""
        place = bisect_left(self.starts, start)
        for quoted in self.quotes[max(0, place - _NESTED) :]:
            if quoted.quote.start >= end:
                return
            if quoted.quote.end > start:
                yield quoted

    def region(self, token: int, level: int) -> tuple[int, int]:
        """First and last token of the sentence as it would be without its quotes: a quote that the
        model broke into sentences is one with what surrounds it."""
        first, end = self.parse.sentences[self.parse.sentence[token]]
        first, last = max(first, token - _REACH), min(end - 1, token + _REACH)
        if level != NONE:
            around = self.quotes[level]
            return max(first, around.first + 1), min(last, around.last - 1)
        before, after = self.outer[first], self.outer[last]
        if before != NONE:
            first = self.quotes[before].first
        if after != NONE:
            last = self.quotes[after].last
        return first, last


def lay_over(parse: Parse, quotes: list[Quote]) -> Reading:
    """Find the tokens of each quote."""
    found: list[Quoted] = []
    outer, inner = [NONE] * len(parse), [NONE] * len(parse)
    for quote in quotes:
        index = _add(parse, quote, NONE, found, outer)
        if index != NONE:
            for nested in quote.nested:
                _add(parse, nested, index, found, inner)
    return Reading(parse, found, [each.quote.start for each in found], outer, inner)


def _add(parse: Parse, quote: Quote, within: int, found: list[Quoted], marks: list[int]) -> int:
    first = bisect_right(parse.end, quote.start)
    last = bisect_left(parse.start, quote.end) - 1
    if first > last:
        return NONE
    found.append(Quoted(quote, first, last, within))
    marks[first : last + 1] = [len(found) - 1] * (last + 1 - first)
    return len(found) - 1
