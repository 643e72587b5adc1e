"""Names of organisations and places that the model cut too short or ran together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.enrich.lexicon import People
from pipeline.enrich.name_mention import POSSESSIVE, NameMention
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import Gazetteer, fold

_PROPER = frozenset({"NNP", "NNPS"})
_LINKS = frozenset({"of", "for"})
_LONGEST_TAIL = 5


def whole_names(
    parse: Parse, mentions: list[NameMention], people: People, places: Gazetteer
) -> list[NameMention]:
    """The mentions in order, each with all of its name: two that "and" ran together apart, "Truth
    and Reconciliation Commission" whole, "Korean peninsula" a place."""
    apart = _with_owners(parse, _apart(parse, mentions), people)
    taken = {token for each in apart for token in range(each.first, each.last + 1)}
    return [_whole(parse, each, people, places, taken) for each in apart]


def _with_owners(
    parse: Parse, mentions: Iterable[NameMention], people: People
) -> list[NameMention]:
    """Bodies called by one word of their kind with whom they are named after: "St Brigid’s
    Hospital"."""
    found: list[NameMention] = []
    for each in mentions:
        owner = found[-1] if found else None
        named_after = (
            owner is not None
            and owner.label == "PERSON"
            and owner.last + 2 == each.first == each.last
            and parse.word[owner.last + 1] in POSSESSIVE
            and people.kinds.get(parse.lower[each.last]) == "ORG"
        )
        if owner is not None and named_after:
            found[-1] = NameMention(owner.first, each.last, "ORG")
        else:
            found.append(each)
    return found


def _apart(parse: Parse, mentions: list[NameMention]) -> Iterator[NameMention]:
    """Organisations, those at whose "and" two names meet that the text has alone elsewhere cut."""
    known = Counter(fold(parse.slice(each.first, each.last)) for each in mentions)
    joined = {each: place for each in mentions if (place := _joint(parse, each)) is not None}
    for each, place in joined.items():
        known[fold(parse.slice(each.first, place - 1))] += 1
        known[fold(parse.slice(place + 1, each.last))] += 1
    for each in mentions:
        if each not in joined:
            yield each
            continue
        halves = (
            replace(each, last=joined[each] - 1),
            replace(each, first=joined[each] + 1),
        )
        if all(known[fold(parse.slice(half.first, half.last))] > 1 for half in halves):
            yield from halves
        else:
            yield each


def _joint(parse: Parse, mention: NameMention) -> int | None:
    """The only "and" within a name."""
    if mention.label != "ORG":
        return None
    joints = [t for t in range(mention.first + 1, mention.last) if parse.lower[t] == "and"]
    return joints[0] if len(joints) == 1 else None


def _whole(
    parse: Parse, mention: NameMention, people: People, places: Gazetteer, taken: set[int]
) -> NameMention:
    after = mention.last + 1
    if mention.label == "NORP":
        feature = after < len(parse) and parse.lower[after] in places.features
        return replace(mention, last=after, label="LOC") if feature else mention
    if mention.label not in ("ORG", "FAC"):
        return mention
    first = _first(parse, mention, people, taken)
    last = _last(parse, mention, people, taken)
    if (first, last) == (mention.first, mention.last):
        return mention
    taken.update(range(first, last + 1))
    return replace(mention, first=first, last=last)


def _first(parse: Parse, mention: NameMention, people: People, taken: set[int]) -> int:
    """Where a name begins that has one capitalised word more before an "and"."""
    first = mention.first
    kind = people.kinds.get(parse.lower[mention.last])
    if first < 2 or parse.lower[first - 1] != "and" or first == mention.last:
        return first
    word = first - 2
    alone = word == 0 or parse.tag[word - 1] not in _PROPER
    definite = word > 0 and parse.lower[word - 1] in people.determiners
    if word in taken or not alone or parse.tag[word] not in _PROPER:
        return first
    return word if definite and kind == "ORG" else first


def _last(parse: Parse, mention: NameMention, people: People, taken: set[int]) -> int:
    """Where a name ends that goes on: with "for Impact Investing", or with a capitalised word."""
    last = mention.last
    linked = not _LINKS.isdisjoint(parse.lower[mention.first : last])
    if linked:
        return _run(parse, last, taken)
    body = people.kinds.get(parse.lower[last]) in ("ORG", "FAC")
    if body and last + 2 < len(parse) and parse.lower[last + 1] in _LINKS:
        end = _run(parse, last + 1, taken)
        return end if end > last + 1 else last
    return last


def _run(parse: Parse, last: int, taken: set[int]) -> int:
    """The last of the capitalised words that follow a token directly; a name of its own ends
    none."""
    end = last
    for token in range(last + 1, min(last + 1 + _LONGEST_TAIL, len(parse))):
        if parse.tag[token] not in _PROPER or parse.start[token] != parse.end[token - 1] + 1:
            break
        end = token
    return last if not taken.isdisjoint(range(last + 1, end + 2)) else end
