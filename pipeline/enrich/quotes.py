"""Where a text quotes.

Works on characters alone, paragraph by paragraph, so that a mark that is missing or doubled costs
one quote and not the rest of the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.enrich.paragraphs import paragraphs
from pipeline.records import Span

OPENING = "“«„‟"
CLOSING = "”»"
STRAIGHT = '"'
QUOTATION_MARKS = frozenset(OPENING + CLOSING + STRAIGHT + "‘’'‹›")
# Two single marks in a row are a double one: agencies write ''so''.
_DOUBLE = re.compile(f"[{OPENING}{CLOSING}{STRAIGHT}]|``|[‘’']{{2}}")
_OPENS_ONLY = (*OPENING, "``", "‘‘")
_CLOSES_ONLY = (*CLOSING, "’’")
_GUILLEMETS = "«»"
_SINGLE_OPEN = re.compile(r"(?<![\w’'.,!?])[‘'](?=\w)(?!\d\ds\b)(?!(?:em|tis|twas|til|cause|n)\b)")
_SINGLE_CLOSE = re.compile(r"(?<=[\w.,!?…])[’'](?!\w)")
_ENDS_SAID = frozenset(".,!?…—–-")
_BEFORE_OPENING = re.compile(r"[\s(\[—–-]")


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted text with its marks. ``parts`` has one span for each paragraph it runs through.

    ``closed`` is false where the closing mark is missing.
    """

    parts: tuple[Span, ...]
    closed: bool = True
    nested: tuple[Quote, ...] = field(default=())

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return self.parts[-1].end


def find_quotes(text: str, attribution: re.Pattern[str] | None = None) -> list[Quote]:
    """The outermost quotes of a text, in order and disjoint, with those inside them.

    ``attribution`` matches, from a comma on, an attributing clause such as ``, he said``: where a
    quote is not closed in its paragraph, it ends at the first such clause.
    """
    found: list[Quote] = []
    begun: tuple[Span, ...] = ()  # a quote that its paragraph did not close
    for start, end in paragraphs(text):
        marked = list(_in_paragraph(text, start, end))
        if not (marked and marked[0].start == start):
            begun = _give_up(begun, found)
        for quote in marked:
            whole = Quote((*begun, *quote.parts), quote.closed, quote.nested)
            whole = whole if whole.closed else _repaired(text, whole, attribution)
            begun = () if whole.closed else whole.parts
            found += [whole] if whole.closed else []
    _give_up(begun, found)
    return found


def _give_up(begun: tuple[Span, ...], found: list[Quote]) -> tuple[Span, ...]:
    """A quote that is not taken up again ran through the paragraphs it has; one alone is a stray
    mark."""
    if len(begun) > 1:
        found.append(Quote(begun, closed=False))
    return ()


def _repaired(text: str, quote: Quote, attribution: re.Pattern[str] | None) -> Quote:
    part = quote.parts[-1]
    match = attribution.search(text, part.start, part.end) if attribution else None
    if match is None:
        return quote
    cut = Span(part.start, match.start() + 1)
    return Quote((*quote.parts[:-1], cut), closed=True)


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Quote]:
    opened: re.Match[str] | None = None
    place, last = start, text.rfind("»", start, end)
    for mark in _DOUBLE.finditer(text, start, end):
        if opened is None:
            if _opens(text, mark, start):
                yield from _single_quotes(text, place, mark.start())
                opened = mark
        elif opened[0] == "«" and mark[0] not in _GUILLEMETS and mark.end() <= last:
            continue  # nested in guillemets, which have no other marks to close
        elif _closes(text, mark, end):
            yield _quote(text, opened, mark)
            opened, place = None, mark.end()
        else:  # a second opening mark: the first was never closed
            opened = mark
    if opened is not None:
        begin = opened.start()
        yield Quote((Span(begin, _stripped_end(text, begin, end)),), closed=False)
    else:
        yield from _single_quotes(text, place, end)


def _opens(text: str, mark: re.Match[str], start: int) -> bool:
    if mark[0] in _CLOSES_ONLY and mark[0] != "»":
        return False
    at, after = mark.span()
    follows_space = at == start or bool(_BEFORE_OPENING.match(text[at - 1])) or text[at - 1] in "‘'"
    before_space = text[after : after + 1].isspace() and mark[0] != "«"
    return (mark[0] in _OPENS_ONLY or follows_space) and not before_space


def _closes(text: str, mark: re.Match[str], end: int) -> bool:
    if mark[0] in _CLOSES_ONLY or mark[0] in _OPENS_ONLY:
        return mark[0] in _CLOSES_ONLY
    after_space = text[mark.start() - 1].isspace()
    before_word = mark.end() < end and text[mark.end()].isalnum()
    return not (after_space and before_word)


def _quote(text: str, opening: re.Match[str], closing: re.Match[str]) -> Quote:
    inside = _in_paragraph if opening[0] == "«" else _single_quotes
    nested = [quote for quote in inside(text, opening.end(), closing.start()) if quote.closed]
    return Quote((Span(opening.start(), closing.end()),), nested=tuple(nested))


def _single_quotes(text: str, start: int, end: int) -> Iterator[Quote]:
    place = start
    while opening := _SINGLE_OPEN.search(text, place, end):
        closing = _single_close(text, opening.end(), end)
        if closing is None:
            place = opening.end()
            continue
        yield Quote((Span(opening.start(), closing),))
        place = closing


def _single_close(text: str, start: int, end: int) -> int | None:
    """Where a single quote that opened before ``start`` ends. An apostrophe after a plural looks
    like a closing mark, so one after punctuation is preferred, unless another quote opens before
    it."""
    first = None
    following = _SINGLE_OPEN.search(text, start, end)
    limit = following.start() if following else end
    for mark in _SINGLE_CLOSE.finditer(text, start, limit):
        first = mark.end() if first is None else first
        if text[mark.start() - 1] in _ENDS_SAID:
            return mark.end()
    return first


def _stripped_end(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip()) or end
