"""Names in a text: what the model marked as one, put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.enrich.lexicon import People
from pipeline.enrich.parse import Name, Parse
from pipeline.enrich.places import Gazetteer, fold

KEPT_LABELS = frozenset(
    {"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "PRODUCT", "WORK_OF_ART", "LAW"}
)
_DETERMINERS = frozenset({"the", "a", "an", "its", "his", "her", "his/her", "our", "their"})
_DROPPED_FIRST = _DETERMINERS | frozenset({"“", '"', "‘", "'", "’", "(", "[", "-", "–", "—"})
_DROPPED_LAST = frozenset(
    {"’s", "'s", "’", "'", "”", '"', ")", "]", ",", ".", "-", "–", "—", ":", ";"}
)
_BUREAUS = frozenset(
    {"Office", "Ministry", "Department", "Bureau", "Commission", "Agency", "Authority"}
)
_DASHES = frozenset({"–", "—", "--"})
_NO_NAME = ("VB", "RB", "IN", "CC", "MD", "WRB", "UH")
_WHERE = frozenset({"in", "near", "outside"})
_MAX_TOKENS = 12
_LONGEST_PERSON = 5


@dataclass(frozen=True, slots=True)
class NameMention:
    """Tokens ``first`` to ``last``, both included. ``honorific`` is the gender its honorific tells
    (male, female, unknown), None without one."""

    first: int
    last: int
    label: str
    honorific: str | None = None


def find_names(parse: Parse, people: People, places: Gazetteer) -> list[NameMention]:
    """The names of a text in order; none overlap."""
    found = [
        mention
        for name in parse.names
        if name.label in KEPT_LABELS and (mention := _put_right(parse, people, name)) is not None
    ]
    found = _placed(parse, _in_one(parse, found), places)
    taken = {token for mention in found for token in range(mention.first, mention.last + 1)}
    bureaus = [m for m in _bureaus(parse) if taken.isdisjoint(range(m.first, m.last + 1))]
    return sorted([*found, *bureaus], key=lambda mention: mention.first)


def _in_one(parse: Parse, mentions: list[NameMention]) -> list[NameMention]:
    """A name the model cut in two: "Ethan Simon" and "Templar" with nothing in between."""
    found: list[NameMention] = []
    for mention in mentions:
        before = found[-1] if found else None
        if before is not None and _is_continued(parse, before, mention):
            found[-1] = replace(before, last=mention.last)
        elif before is None or mention.first > before.last:
            found.append(mention)
    return found


def _is_continued(parse: Parse, before: NameMention, mention: NameMention) -> bool:
    persons = before.label == mention.label == "PERSON"
    short = before.first == before.last or mention.first == mention.last
    beside = mention.first == before.last + 1
    return (
        persons
        and short
        and beside
        and mention.honorific is None
        and parse.start[mention.first] == parse.end[before.last] + 1
        and mention.last - before.first < _LONGEST_PERSON
    )


def _put_right(parse: Parse, people: People, name: Name) -> NameMention | None:
    first, last = name.start, min(name.end, name.start + _MAX_TOKENS) - 1
    last = _before_break(parse, first, last)
    while first <= last and parse.lower[first] in _DROPPED_FIRST:
        first += 1
    while first <= last and (parse.word[last] in _DROPPED_LAST or parse.word[last].isspace()):
        last -= 1
    honorific = _honorific(parse, people, first)
    if name.label == "PERSON":
        first = _first_proper(parse, first, last)
        first = _with_first_name(parse, people, first)
        first, honorific = _after_titles(parse, people, first, last, honorific)
        if _is_no_person(parse, people, first, last):
            return None
    if first > last or not _is_name(parse, people, first, last):
        return None
    return NameMention(first, last, _label(parse, people, name.label, first, last), honorific)


def _first_proper(parse: Parse, first: int, last: int) -> int:
    """Step over what is no name at the head of a person's: "Asked Peter Hansen"."""
    for token in range(first, last):
        if parse.tag[token].startswith("NN") or not parse.tag[token].startswith(_NO_NAME):
            return token
    return last if first < last and parse.tag[last].startswith("NN") else first


def _with_first_name(parse: Parse, people: People, first: int) -> int:
    """Take in what the model left before a surname: a first name, "van", "al"."""
    while first and parse.end[first - 1] + 1 == parse.start[first]:
        before, tag = parse.lower[first - 1], parse.tag[first - 1]
        named = fold(before) in people.gender_of_name and parse.word[first - 1][:1].isupper()
        if not (named and tag.startswith("NNP")) and not (
            before in people.particles and parse.word[first - 1][:1].isupper()
        ):
            return first
        first -= 1
    return first


def _before_break(parse: Parse, first: int, last: int) -> int:
    """Where a name ends: before a dash or the end of a line, after a hyphen's second half."""
    for token in range(first, last + 1):
        if "\n" in parse.word[token] or parse.word[token] in _DASHES:
            return token - 1
    while (
        last + 2 < len(parse) and parse.word[last + 1] == "-" and _is_joined(parse, first, last + 1)
    ):
        last += 2
    return last


def _is_joined(parse: Parse, first: int, hyphen: int) -> bool:
    """Whether a hyphen joins what stands around it without a space: Lee Min-jung."""
    after = hyphen + 1
    touches = (
        parse.end[hyphen - 1] == parse.start[hyphen] and parse.end[hyphen] == parse.start[after]
    )
    proper = parse.tag[after].startswith("NNP") or hyphen - 1 > first
    return touches and proper and parse.word[after].isalpha()


def _honorific(parse: Parse, people: People, first: int) -> str | None:
    return people.honorifics.get(parse.lower[first - 1]) if first else None


def _after_titles(
    parse: Parse, people: People, first: int, last: int, honorific: str | None
) -> tuple[int, str | None]:
    """Step over "Mr", "Advisor", "Health Secretary" at the head of a person's name."""
    start = first
    for token in range(first, last):
        lower = parse.lower[token]
        if lower in people.honorifics:
            honorific = people.honorifics[lower]
            start = token + 1
        elif lower in people.role_nouns and parse.tag[token].startswith("NN"):
            start = token + 1
    return start, honorific


def _is_no_person(parse: Parse, people: People, first: int, last: int) -> bool:
    """Whether a "person" is a thing by its last word, a number, or a credit: "(Jane
    Doe/Agency)"."""
    credited = last + 1 < len(parse) and parse.word[last + 1] == "/"
    text = parse.slice(first, last) if first <= last else ""
    unfit = "/" in text or any(char.isdigit() for char in text)
    return credited or unfit or parse.lower[last] in people.never_people


def _placed(parse: Parse, mentions: list[NameMention], places: Gazetteer) -> list[NameMention]:
    """Towns and countries the model took for something else: those that somebody is "in"."""
    full = {
        fold(word)
        for m in mentions
        if m.label == "PERSON" and m.last > m.first
        for word in parse.word[m.first : m.last + 1]
    }
    located = {
        parse.slice(m.first, m.last)
        for m in mentions
        if m.label in ("PERSON", "ORG", "LOC", "FAC")
        and m.first
        and parse.lower[m.first - 1] in _WHERE
        and fold(parse.word[m.last]) not in full
        and places.find(parse.slice(m.first, m.last)) is not None
    }
    return [
        replace(m, label="GPE") if parse.slice(m.first, m.last) in located else m for m in mentions
    ]


def _is_name(parse: Parse, people: People, first: int, last: int) -> bool:
    words = parse.lower[first : last + 1]
    if all(w in people.portfolios or w in people.role_nouns or w in people.ranks for w in words):
        return False
    if first == last and words[0] in people.never_people:
        return False
    letters = parse.word[first][:1]
    return letters.isalnum() and any(word[:1].isupper() for word in parse.word[first : last + 1])


def _label(parse: Parse, people: People, label: str, first: int, last: int) -> str:
    if label == "ORG" and last > first and parse.lower[last] in people.sites:
        return "FAC"
    return label


def _bureaus(parse: Parse) -> Iterator[NameMention]:
    """Capitalised offices the model passes over: "the Prime Minister’s Office"."""
    for token, word in enumerate(parse.word):
        if word not in _BUREAUS or not token:
            continue
        first = token
        while (
            first > token - _MAX_TOKENS
            and first
            and (parse.tag[first - 1] in ("NNP", "NNPS") or parse.word[first - 1] in ("’s", "'s"))
        ):
            first -= 1
        if first < token - 1 or (first < token and parse.tag[first] == "NNP"):
            yield NameMention(first, token, "ORG")
