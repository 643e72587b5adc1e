"""Where paragraphs begin and end."""

from __future__ import annotations

import re

# Begins only where blanks begin: else a long run of them is tried from each of its places.
_BREAK = re.compile(r"(?<![^\S\n])[^\S\n]*+\n\s*")
_SENTENCE_END = frozenset(".!?:;…\"”’'»")
_WRAPPED_LINE = 55


def paragraphs(text: str) -> list[tuple[int, int]]:
    """The paragraphs as half-open character ranges, without the space around them.

    A line break ends a paragraph unless the line was only wrapped: it has no full stop and the next
    goes on in lower case, or it is long and no empty line follows.
    """
    found: list[tuple[int, int]] = []
    start = len(text) - len(text.lstrip())
    line = start
    for gap in _BREAK.finditer(text, start):
        if gap.end() == len(text):
            break
        if not _is_wrapped(text, line, gap):
            found.append((start, gap.start()))
            start = gap.end()
        line = gap.end()
    end = len(text.rstrip())
    return [*found, (start, end)] if end > start else found


def _is_wrapped(text: str, line: int, gap: re.Match[str]) -> bool:
    if text[gap.start() - 1] in _SENTENCE_END:
        return False
    long_line = gap.start() - line >= _WRAPPED_LINE and gap[0].count("\n") == 1
    return long_line or text[gap.end()].islower()
