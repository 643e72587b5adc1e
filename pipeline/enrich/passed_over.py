"""Names the model passes over: offices, bodies behind what they are, the place a report is from,
the region behind a town."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.enrich.lexicon import People
from pipeline.enrich.name_mention import POSSESSIVE
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import Gazetteer

_MAX_TOKENS = 12
_LONGEST_PLACE = 3
_DASHES = frozenset({"–", "—", "--", "-", "("})
_Found = tuple[int, int, str]


def passed_over(
    parse: Parse, people: People, places: Gazetteer, taken: set[int]
) -> Iterator[_Found]:
    """First and last token, and label, of names that are not among the ``taken`` tokens."""
    yield from _bureaus(parse, people)
    for token, word in enumerate(parse.word):
        if token in taken or not word[:1].isupper():
            continue
        if word.isupper() and (token == 0 or "\n" in parse.word[token - 1]):
            yield from _dateline(parse, places, token)
        elif _is_region(parse, places, token, taken):
            yield token, token, "GPE"
        elif token and _is_body(parse, people, token):
            yield token, _end_of_name(parse, token), "ORG"
        elif token and _is_titled(parse, people, token):
            yield token, _end_of_name(parse, token), "PERSON"


def _bureaus(parse: Parse, people: People) -> Iterator[_Found]:
    """Capitalised offices: "the Prime Minister’s Office"."""
    for token, lower in enumerate(parse.lower):
        if lower not in people.bureaus or not token or not parse.word[token].istitle():
            continue
        first = token
        while (
            first > token - _MAX_TOKENS
            and first
            and (parse.tag[first - 1] in ("NNP", "NNPS") or parse.word[first - 1] in POSSESSIVE)
        ):
            first -= 1
        if first < token - 1 or (first < token and parse.tag[first] == "NNP"):
            yield first, token, "ORG"


def _dateline(parse: Parse, places: Gazetteer, first: int) -> Iterator[_Found]:
    """The place a report begins with: "NEW YORK -- "."""
    for last in range(first, min(first + _LONGEST_PLACE, len(parse) - 1)):
        if not parse.word[last].isupper():
            return
        if parse.word[last + 1] in _DASHES and places.find(parse.slice(first, last)):
            yield first, last, "GPE"
            return


def _is_body(parse: Parse, people: People, token: int) -> bool:
    """Whether the noun before a name says what it is: "the media company GroupM"."""
    before = token - 1
    noun = parse.tag[before] == "NN" and parse.word[before] in people.group_nouns
    return noun and parse.tag[token] == "NNP" and parse.end[before] + 1 == parse.start[token]


def _is_titled(parse: Parse, people: People, token: int) -> bool:
    """Whether a title before a name says that it is somebody's: "Chief Na'moks"."""
    before = token - 1
    title = parse.lower[before] in people.titles and parse.word[before][:1].isupper()
    beside = parse.end[before] + 1 == parse.start[token]
    if not (title and beside and parse.tag[token].startswith("NNP")):
        return False
    no_names = (people.role_nouns, people.portfolios, people.ranks, people.kinds)
    name = parse.lower[token : _end_of_name(parse, token) + 1]
    return not any(word in known for word in name for known in no_names)


def _end_of_name(parse: Parse, token: int) -> int:
    while token + 1 < len(parse) and parse.tag[token + 1] == "NNP":
        token += 1
    return token


def _is_region(parse: Parse, places: Gazetteer, token: int, taken: set[int]) -> bool:
    """Whether this is the region of the town before it: "Springfield, Ill."."""
    if token < 2 or parse.word[token - 1] != "," or token - 2 not in taken:
        return False
    lower = parse.lower[token]
    return lower.rstrip(".") in places.abbreviations and lower.endswith(".")
