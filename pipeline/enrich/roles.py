"""What a person is said to be: titles before the name, descriptions beside it."""

from __future__ import annotations

from pipeline.enrich.lexicon import People
from pipeline.enrich.parse import Parse

_PREMODIFIERS = frozenset({"NN", "NNS", "NNP", "NNPS", "JJ", "HYPH", "VBN", "VBG", "CD"})
_ENDS = frozenset({",", "–", "—", "(", ")", ".", ";", ":", "“", "”", '"'})
_MAX_WORDS = 14


def roles_before(parse: Parse, people: People, first: int, sentence_start: int) -> list[str]:
    """Titles right before a name: "Permanent Secretary Major General" are two."""
    start = _title_start(parse, people, first, sentence_start)
    if start == first or not _is_role_word(parse, people, first - 1):
        return []
    return [parse.slice(a, b) for a, b in _split_at_rank(parse, people, start, first - 1)]


def title_start(parse: Parse, people: People, first: int, sentence_start: int) -> int:
    """The token the titles before a name begin with; ``first`` where there are none."""
    start = _title_start(parse, people, first, sentence_start)
    return start if start < first and _is_role_word(parse, people, first - 1) else first


def _title_start(parse: Parse, people: People, first: int, sentence_start: int) -> int:
    start = first
    while start > max(sentence_start, first - _MAX_WORDS):
        before = start - 1
        chief_of = parse.lower[before] == "of" and parse.lower[before - 1] in people.chiefs
        if not (parse.tag[before] in _PREMODIFIERS or chief_of) or parse.word[before] in _ENDS:
            break
        if parse.lower[before] in people.honorifics or not _belongs(parse, before, first):
            break
        start = before
    while start < first and parse.tag[start] in ("HYPH", "CD"):
        start += 1
    return start


def _belongs(parse: Parse, token: int, first: int) -> bool:
    """Whether a word before a name hangs, by its heads, on the name or on a word in between."""
    head = parse.head[token]
    return (
        head > token
        or parse.lower[token] == "of"
        or parse.lower[head] == "of"
        or (head == token and first - token == 1)
    )


def _is_role_word(parse: Parse, people: People, token: int) -> bool:
    lower = parse.lower[token]
    if lower in people.role_nouns or lower in people.ranks or lower in people.within_roles:
        return True
    return parse.tag[token] == "NN" and parse.word[token].isalpha() and parse.word[token].islower()


def _split_at_rank(parse: Parse, people: People, start: int, last: int) -> list[tuple[int, int]]:
    pieces, begin = [], start
    for token in range(start + 1, last + 1):
        ended = parse.lower[token - 1] in people.role_nouns - people.ranks
        if ended and parse.lower[token] in people.ranks and parse.word[token][:1].isupper():
            pieces.append((begin, token - 1))
            begin = token
    return [*pieces, (begin, last)]


def role_after(
    parse: Parse, people: People, last: int, sentence_end: int
) -> tuple[int, int] | None:
    """The description behind a name, by its tokens: "Anna Novak, head of the division"."""
    start = last + 1
    if start + 1 >= sentence_end or parse.word[start] not in (",", "(", "–", "—"):
        return None
    start += 1
    if parse.tag[start] == "CD" and start + 2 < sentence_end and parse.word[start + 1] == ",":
        start += 2  # an age between commas
    if parse.lower[start] in people.determiners:
        start += 1
    head = _role_head(parse, people, start, sentence_end)
    if head is None:
        return None
    return _described(parse, start, head, sentence_end)


def _role_head(parse: Parse, people: People, start: int, end: int) -> int | None:
    """The role noun of a noun phrase that begins here."""
    found = None
    for token in range(start, min(end, start + 8) - 1):
        if parse.lower[token] in people.role_nouns and parse.tag[token].startswith(("NN", "JJ")):
            found = token
            if not parse.tag[token + 1].startswith(("NN", "CC")):
                break
        elif parse.tag[token] not in _PREMODIFIERS and parse.tag[token] not in ("POS", "CC"):
            break
    return found


def _described(parse: Parse, start: int, head: int, end: int) -> tuple[int, int]:
    reach = max(parse.right[head], head)
    # The model may hang the phrase elsewhere; then it ends with what the noun's own words reach.
    last = head
    for token in range(head + 1, min(end, start + _MAX_WORDS, reach + 1)):
        if parse.word[token] in _ENDS or parse.dep[token] in ("relcl", "acl", "ROOT"):
            break
        if parse.tag[token] in ("WP", "WDT", "VBD", "VBZ", "MD", "_SP"):
            break
        last = token
    while last > head and parse.tag[last] in ("CC", "IN", "DT", "POS", "_SP"):
        last -= 1
    return start, last


def role_before_comma(
    parse: Parse, people: People, first: int, sentence_start: int, *, owned: bool
) -> tuple[int, str] | None:
    """The description a name explains: "the town’s mayor, Anna Novak," with the token of its
    noun. With ``owned`` it counts only where it says whose."""
    comma = first - 1
    if comma <= sentence_start or parse.word[comma] != ",":
        return None
    head = _role_before(parse, people, comma - 1, sentence_start)
    if head is None:
        return None
    start = head
    while start > max(sentence_start, head - _MAX_WORDS) and (
        parse.tag[start - 1] in _PREMODIFIERS or parse.tag[start - 1] in ("POS", "PRP$")
    ):
        start -= 1
    if owned and not any(parse.tag[token] == "POS" for token in range(start, head)):
        return None
    begin = start
    while parse.lower[begin] in people.determiners and begin < head:
        begin += 1
    return head, parse.slice(begin, comma - 1)


def _role_before(parse: Parse, people: People, token: int, start: int) -> int | None:
    """The role noun that governs the words up to ``token``: itself, or what its "of …" hangs on."""
    for _ in range(_MAX_WORDS):
        if token < start:
            return None
        if parse.tag[token].startswith("NN") and parse.lower[token] in people.role_nouns:
            return token
        head = parse.head[token]
        if head >= token or parse.tag[head] not in ("IN", "NN", "NNS", "NNP", "NNPS", "VBN"):
            return None
        token = head
    return None
