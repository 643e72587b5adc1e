"""What a page prints around its story: credits, and links to other stories. Whom only these name is
nobody of the story."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from pipeline.enrich.lexicon import People
from pipeline.enrich.paragraphs import paragraphs
from pipeline.records import Span


def find_furniture(text: str, people: People) -> list[Span]:
    """The credits and links of a text, in order: a whole paragraph, or the sentence of a credit."""
    links, credit_lines = _patterns(people.link_openings, people.credit_phrases)
    found = []
    for start, end in paragraphs(text):
        if links.match(text, start, end):
            found.append(Span(start, end))
            continue
        for match in credit_lines.finditer(text, start, end):
            begin = text.rfind(". ", start, match.start()) + 1
            stop = text.find(". ", match.end(), end)
            found.append(Span(max(start, begin), end if stop < 0 else stop + 1))
    return found


def lies_within(furniture: list[Span], at: int) -> bool:
    """Whether a character is part of the furniture."""
    place = bisect_right(furniture, at, key=lambda span: span.start)
    return place > 0 and at < furniture[place - 1].end


@cache
def _patterns(
    openings: frozenset[str], phrases: frozenset[str]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    begin = "|".join(map(re.escape, sorted(openings)))
    within = "|".join(map(re.escape, sorted(phrases)))
    return (
        re.compile(rf"\W{{0,3}}(?:{begin})\b[^:\n]{{0,20}}:", re.IGNORECASE),
        re.compile(rf"\b(?:{within})\b", re.IGNORECASE),
    )
