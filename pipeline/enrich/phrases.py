"""Noun phrases around their heads."""

from __future__ import annotations

from pipeline.enrich.reading import Reading

_COMMAS = frozenset({",", "–", "—", "(", ")", ";", ":", "--"})
_NOT_FIRST = frozenset({"CC", "RB", "IN", "UH", "_SP", ",", ":", "``", "''", "."})
_CUT = frozenset({"relcl", "appos"})
_LONGEST = 40


def phrase_start(reading: Reading, head: int) -> int:
    """The first token of the phrase, after any comma or quotation mark."""
    parse = reading.parse
    start = head
    for token in range(head - 1, max(parse.left[head], head - _LONGEST) - 1, -1):
        if parse.word[token] in _COMMAS or reading.outer[token] != reading.outer[head]:
            break
        start = token
    while start < head and parse.tag[start] in _NOT_FIRST:
        start += 1
    return start


def phrase_end(reading: Reading, head: int, limit: int) -> int:
    """The last token of the phrase before ``limit``: without appositions and relative clauses."""
    parse = reading.parse
    end = head
    clauses = {parse.left[child] for child in parse.children[head] if parse.dep[child] in _CUT}
    for token in range(head + 1, min(parse.right[head] + 1, limit, head + _LONGEST)):
        if parse.word[token] in _COMMAS or reading.outer[token] != reading.outer[head]:
            break
        if parse.tag[token] in ("WP", "WDT", "WRB", "_SP") or token in clauses:
            break
        end = token
    while end > head and parse.tag[end] in ("CC", "IN", "POS", "RB", "."):
        end -= 1
    return end
