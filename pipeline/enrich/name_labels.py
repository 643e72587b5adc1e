"""What kind of thing a name is, where its words tell more than the model knows."""

from __future__ import annotations

from pipeline.enrich.lexicon import People
from pipeline.enrich.parse import Parse
from pipeline.enrich.person_names import is_made_up
from pipeline.enrich.places import Gazetteer, fold

_PLACES = frozenset({"FAC", "LOC", "GPE"})
_MAY_HIDE_BODIES = frozenset({"LOC", "WORK_OF_ART", "PRODUCT", "EVENT"})
_MAY_HIDE_PEOPLE = frozenset({"ORG", "GPE", "LOC", "FAC", "WORK_OF_ART", "PRODUCT", "EVENT"})
_LONGEST_PERSON = 4
_SHORTEST_HEADLINE = 4
_FINITE = frozenset({"VBZ", "VBD", "VBP", "MD"})
_LINKS = frozenset({"of", "for", "on"})
_DASHES = frozenset({"–", "—", "--", "-", "("})


def is_hidden_person(
    parse: Parse, people: People, places: Gazetteer, label: str, first: int, last: int
) -> bool:
    """Whether what the model took for something else is a person: by an honorific before it, or
    by a first name and a surname with nothing that makes it the name of a thing."""
    if label not in _MAY_HIDE_PEOPLE or not first <= last < first + _LONGEST_PERSON:
        return False
    words = parse.word[first : last + 1]
    if not all(word[:1].isupper() and word[-1:].isalpha() | (word[-1:] == ".") for word in words):
        return False
    before = parse.lower[first - 1] if first else ""
    titled = before in people.honorifics or _is_titled(parse, people, first)
    if titled and parse.lower[last] not in people.kinds:
        return not places.is_state(parse.slice(first, last))
    return (
        last > first
        and fold(words[0]) in people.first_names - people.doubtful_first
        and before not in people.determiners
        and parse.lower[last] not in people.kinds
        and parse.lower[last] not in people.group_nouns
        and all(tag.startswith("NNP") for tag in parse.tag[first : last + 1])
        and parse.tag[last] != "NNPS"
        and places.find(words[0]) is None
        and places.find(parse.slice(first, last)) is None
        and fold(parse.slice(first, last)) not in people.known
    )


def _is_titled(parse: Parse, people: People, first: int) -> bool:
    """Whether a title that only stands before a person's name does so: "President Obama"."""
    return (
        first > 0
        and parse.lower[first - 1] in people.titles
        and parse.word[first - 1][:1].isupper()
        and parse.head[first - 1] >= first
    )


def finer_label(
    parse: Parse, people: People, places: Gazetteer, label: str, first: int, last: int
) -> str | None:
    """The label of a name by its own words, None for what is no entity."""
    text = fold(parse.slice(first, last))
    if text in people.known:
        return people.known[text]
    if label != "PERSON" and text in places.lands:
        return "LOC"
    if label == "PERSON":
        return _kind_of_person(parse, people, places, first, last)
    if label == "ORG":
        return _kind_of_organisation(parse, people, places, first, last)
    return _kind_of_other(parse, people, places, label, first, last)


def _kind_of_other(
    parse: Parse, people: People, places: Gazetteer, label: str, first: int, last: int
) -> str | None:
    lower = parse.lower[last]
    if first == last:
        nothing = people.kinds.get(lower, label) is None
        return (
            None if nothing or (label == "GPE" and _is_cut(parse, places, first, last)) else label
        )
    return "ORG" if label in _MAY_HIDE_BODIES and people.kinds.get(lower) == "ORG" else label


def _is_cut(parse: Parse, places: Gazetteer, first: int, last: int) -> bool:
    """Whether a place is an abbreviation that names none alone: "St."."""
    return first == last and parse.word[last][-1:] == "." and not places.find(parse.word[last])


def _kind_of_person(
    parse: Parse, people: People, places: Gazetteer, first: int, last: int
) -> str | None:
    """What the last word makes of it; "Arthur Hall" is a person, but "in Arthur Hall"."""
    lower = parse.lower[last]
    if lower not in people.kinds:
        return "PERSON" if _may_be_called(parse, people, first, last) else "ORG"
    before = parse.lower[first - 1] if first else ""
    named = last == first + 1 and fold(parse.word[first]) in people.first_names
    located = before in places.located_by or before in people.determiners
    if lower in people.kind_surnames and named and not located:
        return "PERSON"
    return people.kinds[lower] if last > first else None


def _may_be_called(parse: Parse, people: People, first: int, last: int) -> bool:
    """Whether a person may have this name: not what begins as a body does ("Radio Lee"), or
    with a word made of several ("GasLink")."""
    if any(is_made_up(people, word) for word in parse.word[first : last + 1]):
        return False
    if last == first or fold(parse.word[first]) in people.first_names:
        return True
    return parse.lower[first] not in people.kind_first


def _kind_of_organisation(
    parse: Parse, people: People, places: Gazetteer, first: int, last: int
) -> str | None:
    text = parse.slice(first, last)
    if places.is_state(text) or fold(text) in places.capitals:
        return "GPE"
    if _is_dateline(parse, first, last) and places.find(text):
        return "GPE"
    if first == last:
        people_ = parse.tag[first].startswith("JJ") or places.nationality(text)
        if people_ and not text.isupper():
            return "NORP"
        return "ORG" if people.kinds.get(parse.lower[last], "ORG") else None
    if last - first + 1 >= _SHORTEST_HEADLINE and not _FINITE.isdisjoint(parse.tag[first:last]):
        return None
    lower = _kind_word(parse, people, first, last)
    kind = people.kinds.get(lower, "ORG")
    return kind if lower in people.sites or kind not in _PLACES else "ORG"


def _kind_word(parse: Parse, people: People, first: int, last: int) -> str:
    """The word that makes a name what it is: the last, else the one before what it is of or for:
    "Prize for Peace"."""
    if parse.lower[last] in people.kinds:
        return parse.lower[last]
    links = (token for token in range(first + 1, last) if parse.lower[token] in _LINKS)
    return parse.lower[next(links, last + 1) - 1]


def _is_dateline(parse: Parse, first: int, last: int) -> bool:
    begins = first == 0 or "\n" in parse.word[first - 1]
    return begins and last + 1 < len(parse) and parse.word[last + 1] in _DASHES
