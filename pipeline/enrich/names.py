"""Names in a text: what the model marked as one, put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.enrich.lexicon import People
from pipeline.enrich.name_labels import finer_label, is_hidden_person
from pipeline.enrich.name_mention import POSSESSIVE, NameMention
from pipeline.enrich.parse import Name, Parse
from pipeline.enrich.passed_over import passed_over
from pipeline.enrich.person_names import is_no_person, person_bounds, person_end
from pipeline.enrich.places import Gazetteer, fold
from pipeline.enrich.whole_names import whole_names

KEPT_LABELS = frozenset(
    {"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "PRODUCT", "WORK_OF_ART", "LAW"}
)
_MARKS_BEFORE = frozenset({"“", '"', "‘", "'", "’", "(", "[", "-", "–", "—"})
_MARKS_AFTER = frozenset(
    {"’s", "'s", "’", "'", "”", '"', ")", "]", ",", ".", "-", "–", "—", ":", ";", "?", "!"}
)
_BEFORE = frozenset({"DT", "PDT", "PRP$"})
_PARTING = frozenset({"/", ":"})
_DASHES = frozenset({"–", "—", "--"})
_PLACES = ("GPE", "LOC", "FAC")
_MAX_TOKENS = 12
_LONGEST_PERSON = 5


def find_names(parse: Parse, people: People, places: Gazetteer) -> list[NameMention]:
    """The names of a text in order; none overlap."""
    found = [
        mention
        for name in parse.names
        if name.label in KEPT_LABELS
        for piece in _pieces(parse, name, people)
        if (mention := _put_right(parse, people, places, piece)) is not None
    ]
    found = _placed(parse, _in_one(parse, found, people), places)
    found = whole_names(parse, found, people, places)
    taken = {token for mention in found for token in range(mention.first, mention.last + 1)}
    for first, last, label in passed_over(parse, people, places, taken):
        if taken.isdisjoint(range(first, last + 1)):
            taken.update(range(first, last + 1))
            found.append(NameMention(first, last, label))
    return sorted(found, key=lambda mention: mention.first)


def _pieces(parse: Parse, name: Name, people: People) -> Iterator[Name]:
    """A name of the model's by its parts: at a slash or a colon two, "Leeds's Peter Hansen" too."""
    start = name.start
    for token in range(name.start, name.end):
        parted = parse.word[token] in _PARTING
        owned = (
            parse.word[token] in POSSESSIVE
            and token + 2 < name.end
            and parse.lower[token + 1] in people.first_names
        )
        if (parted or owned) and token > start:
            yield Name(start, token, "GPE" if owned else name.label)
            start = token + 1
            if owned:
                name = replace(name, label="PERSON")
    if start < name.end:
        yield replace(name, start=start)


def _in_one(parse: Parse, mentions: list[NameMention], people: People) -> list[NameMention]:
    """A name the model cut in two: "Ethan Simon" and "Templar" with nothing in between."""
    found: list[NameMention] = []
    for mention in mentions:
        before = found[-1] if found else None
        if before is not None and _is_continued(parse, before, mention, people):
            found[-1] = replace(before, last=mention.last)
        elif before is None or mention.first > before.last:
            found.append(mention)
    return found


def _is_continued(parse: Parse, before: NameMention, mention: NameMention, people: People) -> bool:
    """Whether two names side by side are one person's: a person's, or a surname that the model took
    for something else behind a first name."""
    if before.label != "PERSON" or mention.honorific is not None:
        return False
    short = before.first == before.last or mention.first == mention.last
    surname = (
        before.first == before.last
        and mention.first == mention.last
        and parse.lower[before.first] in people.first_names
        and parse.tag[mention.first].startswith("NNP")
    )
    return (
        (mention.label == "PERSON" or surname)
        and short
        and mention.first == before.last + 1
        and parse.start[mention.first] == parse.end[before.last] + 1
        and mention.last - before.first < _LONGEST_PERSON
    )


def _put_right(parse: Parse, people: People, places: Gazetteer, name: Name) -> NameMention | None:
    first, last = _trimmed(parse, people, name)
    label = name.label
    if label == "PERSON" and _is_bodys(parse, people, first, last):
        label = people.kinds[parse.lower[last]] or label
    honorific = people.honorifics.get(parse.lower[first - 1]) if first else None
    if label != "PERSON" and is_hidden_person(parse, people, places, label, first, last):
        label = "PERSON"
    if label == "PERSON":
        last = person_end(parse, people, first, last)
        first, last, honorific = person_bounds(parse, people, first, last, honorific)
        if is_no_person(parse, first, last):
            return None
    if first > last or not _is_name(parse, people, first, last):
        return None
    finer = finer_label(parse, people, places, label, first, last)
    return NameMention(first, last, finer, honorific) if finer else None


def _is_bodys(parse: Parse, people: People, first: int, last: int) -> bool:
    """Whether somebody's name is only a part of it: "St Brigid’s Hospital"."""
    owned = any(parse.word[token] in POSSESSIVE for token in range(first + 1, last))
    return owned and people.kinds.get(parse.lower[last]) is not None


def _trimmed(parse: Parse, people: People, name: Name) -> tuple[int, int]:
    """A name's first and last token without articles and marks around it."""
    first, last = name.start, min(name.end, name.start + _MAX_TOKENS) - 1
    while first <= last and (
        parse.lower[first] in people.determiners
        or (parse.tag[first] in _BEFORE and parse.word[first].islower())
        or parse.word[first] in _MARKS_BEFORE
        or parse.word[first].isspace()
    ):
        first += 1
    last = _before_break(parse, first, last, people_too=name.label == "PERSON")
    while first <= last and (parse.word[last] in _MARKS_AFTER or parse.word[last].isspace()):
        last -= 1
    return first, last


def _before_break(parse: Parse, first: int, last: int, *, people_too: bool) -> int:
    """Where a name ends: before a dash or the end of a line, after a hyphen's second half."""
    for token in range(first, last + 1):
        if "\n" in parse.word[token] or parse.word[token] in _DASHES:
            return token - 1
    if last > first and parse.word[last] == "-":
        last -= 1
    while last + 2 < len(parse) and _is_joined(parse, first, last + 1, people_too=people_too):
        last += 2
    return last


def _is_joined(parse: Parse, first: int, hyphen: int, *, people_too: bool) -> bool:
    """Whether a hyphen joins what stands around it without a space: Lee Min-jung."""
    after = hyphen + 1
    touches = (
        parse.end[hyphen - 1] == parse.start[hyphen] and parse.end[hyphen] == parse.start[after]
    )
    proper = parse.tag[after].startswith("NNP") or (people_too and hyphen - 1 > first)
    return parse.word[hyphen] == "-" and touches and proper and parse.word[after].isalpha()


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
        and parse.lower[m.first - 1] in places.located_by
        and fold(parse.word[m.last]) not in full
        and places.find(parse.slice(m.first, m.last)) is not None
    }
    return [
        replace(m, label="GPE")
        if m.label not in _PLACES[:1] and parse.slice(m.first, m.last) in located
        else m
        for m in mentions
    ]


def _is_name(parse: Parse, people: People, first: int, last: int) -> bool:
    words = parse.lower[first : last + 1]
    if all(w in people.portfolios or w in people.role_nouns or w in people.ranks for w in words):
        return False
    letters = parse.word[first][:1]
    return letters.isalnum() and any(word[:1].isupper() for word in parse.word[first : last + 1])
