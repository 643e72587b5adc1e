"""Where a person's name begins and ends, and what is no person though it looks like one."""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import People
from pipeline.enrich.name_mention import POSSESSIVE
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import fold

_NO_NAME = ("VB", "RB", "IN", "CC", "MD", "WRB", "UH")
_ENDING = ("VBZ", "VBD", "VBP", "VBN", "MD", "CD", "PRP", "_SP", ":", "WP")
_SHORT = 2  # LeBron, DeAndre, McCain, O’Neill
_BEFORE_CAPITAL = re.compile(r"[^\W\d_]*?[a-z](?=[A-Z])")


def person_end(parse: Parse, people: People, first: int, last: int) -> int:
    """The last token of a person's name: before a verb, a number, an owned thing or a word in
    lower case ("Cruz Vows", "Peter Hansen 3")."""
    for token in range(first + 1, last + 1):
        if parse.word[token] in POSSESSIVE:
            return token - 1
        lone_first = token == first + 1 and fold(parse.word[first]) in people.first_names
        if parse.tag[token].startswith(_ENDING) and not lone_first:
            return token - 1
    while last > first and _is_tail(parse, people, last):
        last -= 1
    return last


def _is_tail(parse: Parse, people: People, token: int) -> bool:
    """Whether a word in lower case stands behind the name; "Min-jung" holds none."""
    word = parse.word[token]
    return word.islower() and parse.word[token - 1] != "-" and word not in people.particles


def person_bounds(
    parse: Parse, people: People, first: int, last: int, honorific: str | None
) -> tuple[int, int, str | None]:
    """First and last token without what is no name at its head, with what the model left there,
    and the gender its honorific tells."""
    first = _first_proper(parse, first, last)
    first = _with_first_name(parse, people, first)
    first, honorific = _after_titles(parse, people, first, last, honorific)
    return first, last, honorific


def _first_proper(parse: Parse, first: int, last: int) -> int:
    """Step over what is no name at the head of a person's: "Asked Peter Hansen"."""
    for token in range(first, last):
        if parse.tag[token].startswith("NN") or not parse.tag[token].startswith(_NO_NAME):
            return token
    return last if first < last and parse.tag[last].startswith("NN") else first


def _with_first_name(parse: Parse, people: People, first: int) -> int:
    """Take in what the model left before a surname: a first name, "van", "al", and what an owner
    stands before: "the club’s Azfar" of "Azfar Ali Khan"."""
    while first and parse.end[first - 1] + 1 == parse.start[first]:
        before, proper = parse.lower[first - 1], parse.tag[first - 1].startswith("NNP")
        capital = parse.word[first - 1][:1].isupper()
        named = proper and fold(before) in people.first_names
        owned = proper and first > 1 and parse.word[first - 2] in POSSESSIVE
        if owned and (_is_title(people, before) or "." in before):
            return first
        if not (capital and (named or owned or before in people.particles)):
            return first
        first -= 1
    return first


def _is_title(people: People, lower: str) -> bool:
    return (
        lower in people.role_nouns
        or lower in people.portfolios
        or lower in people.honorifics
        or lower in people.ranks
    )


def _after_titles(
    parse: Parse, people: People, first: int, last: int, honorific: str | None
) -> tuple[int, str | None]:
    """Step over "Mr", "Advisor", "Health Secretary" at the head of a person's name; a first name
    ends them, and is no title itself ("Dean Novak", "Sasha Baron Cohen")."""
    start = first
    for token in range(first, last):
        lower = parse.lower[token]
        title = lower in people.honorifics or lower in people.role_nouns
        if fold(lower) in people.first_names and (token > first or not title or token + 1 == last):
            break
        if lower in people.honorifics:
            honorific = people.honorifics[lower]
            start = token + 1
        elif title and parse.tag[token].startswith("NN"):
            start = token + 1
    return start, honorific


def is_no_person(parse: Parse, first: int, last: int) -> bool:
    """Whether a "person" is a number, an address, or a credit: "(Jane Doe/Agency)"."""
    if first > last:
        return True
    text = parse.slice(first, last)
    credited = last + 1 < len(parse) and parse.word[last + 1] == "/"
    unfit = "/" in text or "@" in text or any(char.isdigit() for char in text)
    return credited or unfit


def is_made_up(people: People, word: str) -> bool:
    """Whether capitals stand within a word where no surname has them: "GasLink", not "MacLeod"."""
    before = _BEFORE_CAPITAL.match(word)
    return (
        before is not None
        and len(before[0]) > _SHORT
        and before[0].lower() not in people.capitals_within
    )
