"""What a cue says was said: which tokens, and by which construction."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from pipeline.enrich.cues import Cue
from pipeline.enrich.reading import NONE, Reading

Range = tuple[int, int]

_SPACE_TAG = "_SP"
_COMMAS = frozenset({",", "–", "—", "-", "--"})
_LEADS_IN = frozenset({",", ":", "that", "–", "—", "-"})
_EDGES = frozenset({",", ".", ";", ":", "–", "—", "-", "--", "...", "…"})
_CONJUNCTIONS = frozenset({"but", "and", "yet", "so", "or"})
_GOES_ON_OTHERWISE = frozenset(
    {
        "and",
        "but",
        "while",
        "as",
        "who",
        "which",
        "whose",
        "where",
        "when",
        "although",
        "though",
        "after",
    }
)
_CIRCUMSTANCES = frozenset(
    {
        "prt",
        "advmod",
        "npadvmod",
        "prep",
        "nsubj",
        "dobj",
        "dative",
        "acomp",
        "oprd",
        "agent",
        "neg",
    }
)
_COMPLEMENTS = frozenset({"ccomp", "parataxis"})
_MIN_CLAUSE_WORDS = 3
_REACH = 16
_STEPS = 4
_FRAME = 60
_CLAUSE = 300


@dataclass(frozen=True, slots=True)
class Said:
    """Token ranges, both ends included, in text order, not yet trimmed."""

    construction: str
    parts: tuple[Range, ...]


def find_content(reading: Reading, cue: Cue) -> Said | None:
    """What the cue attributes; None where it attributes nothing that can be told."""
    frame = _frame(reading, cue)
    region = reading.region(cue.verb, cue.level)
    before, after = _neighbour(reading, frame[0], -1), _neighbour(reading, frame[1], +1)
    quote = _ending_at(reading, before, cue.level)
    if quote != NONE and _is_fronted_quote(reading, quote, cue, frame):
        return _fronted_quote(reading, quote, region, after, cue.level)
    return (
        _interrupted(reading, cue, region, before, after)
        or _complement(reading, cue, region)
        or _following_quote(reading, cue, after, region)
        or _around(reading, cue, region, before, after)
        or _object(reading, cue, region)
    )


def _frame(reading: Reading, cue: Cue) -> Range:
    """The tokens of the attributing clause itself: subject, verb, and what tells how and to whom."""
    parse, first, last = reading.parse, cue.first, cue.last
    quote = reading.quote_at(cue.verb, cue.level)
    for child in reversed(_nearby(parse.children[cue.verb], cue.verb)):
        adjoins = not any(parse.word[t] in _COMMAS for t in range(parse.right[child] + 1, first))
        if child < first and parse.dep[child] in ("aux", "neg", "advmod") and adjoins:
            first = min(first, _phrase_start(reading, child, quote, cue.level))
    if cue.subject is not None and _speaks_here(reading, cue, cue.subject):
        first = min(first, _phrase_start(reading, cue.subject, quote, cue.level))
    for child in _nearby(parse.children[cue.verb], cue.verb):
        if child <= last or parse.dep[child] not in _CIRCUMSTANCES:
            continue
        if _next_word(reading, last) < parse.left[child]:
            break
        last = _phrase_end(reading, child, quote, cue.level)
    while last > cue.last and (parse.word[last] in _COMMAS or parse.tag[last] == _SPACE_TAG):
        last -= 1
    return first, last


def _nearby(tokens: list[int], token: int) -> list[int]:
    """Those within reach of an attributing clause."""
    return tokens[bisect_left(tokens, token - _FRAME) : bisect_left(tokens, token + _FRAME)]


def _speaks_here(reading: Reading, cue: Cue, subject: int) -> bool:
    """Whether the subject stands before this verb and is its own, not that of a verb it hangs on."""
    parse = reading.parse
    own = parse.head[subject] == cue.verb or parse.right[subject] == cue.first - 1
    return own and subject < cue.first


def _phrase_start(reading: Reading, head: int, quote: int, level: int) -> int:
    parse = reading.parse
    start = head
    for token in range(head - 1, max(parse.left[head], head - _FRAME) - 1, -1):
        if parse.word[token] in _COMMAS or reading.quote_at(token, level) != quote:
            break
        start = token
    return start


def _phrase_end(reading: Reading, head: int, quote: int, level: int) -> int:
    end = head
    for token in range(head + 1, min(reading.parse.right[head], head + _FRAME) + 1):
        if reading.quote_at(token, level) != quote:
            break
        end = token
    return end


def _next_word(reading: Reading, token: int) -> int:
    token += 1
    while token < len(reading.parse) and reading.parse.tag[token] == _SPACE_TAG:
        token += 1
    return token


def _neighbour(reading: Reading, token: int, step: int) -> int | None:
    token += step
    while 0 <= token < len(reading.parse):
        if reading.parse.tag[token] != _SPACE_TAG:
            return token
        token += step or 1
    return None


def _ending_at(reading: Reading, token: int | None, level: int) -> int:
    """The quote that ends with this token, or before the comma that this token is."""
    if token is not None and reading.parse.word[token] == ",":
        token = _neighbour(reading, token, -1)
    if token is None:
        return NONE
    quote = reading.quote_at(token, level)
    return quote if quote != NONE and reading.quotes[quote].last == token else NONE


def _is_fronted_quote(reading: Reading, quote: int, cue: Cue, frame: Range) -> bool:
    """Whether an attribution after this quote is its own: the quote ends as one that goes on does, or
    the clause begins in lower case."""
    if reading.inner[cue.verb] == quote or reading.outer[cue.verb] == quote:
        return False
    parse = reading.parse
    if not (cue.entry.says or cue.entry.quotes):
        return False
    mark = reading.quotes[quote].last
    ends = parse.text[parse.start[mark] - 1 : parse.start[mark]]
    if ends in ",?!—–-…" or parse.word[frame[0] - 1] == ",":
        return True
    starts_low = parse.word[frame[0]][:1].islower()
    return ends == "." and starts_low


def _fronted_quote(
    reading: Reading, quote: int, region: Range, after: int | None, level: int
) -> Said:
    quoted = reading.quotes[quote]
    first = (
        min(region[0], quoted.first)
        if _is_one_sentence(reading, region[0], quoted.first)
        else quoted.first
    )
    parts: tuple[Range, ...] = ((first, quoted.last),)
    following = _second_half(reading, after, level)
    if following != NONE:
        second = reading.quotes[following]
        return Said("quote", (*parts, (second.first, second.last)))
    return Said("quote", parts)


def _is_one_sentence(reading: Reading, first: int, quote: int) -> bool:
    """Whether the words before a quote belong to the same sentence; "But" alone does not."""
    words = [
        token
        for token in range(first, quote)
        if reading.parse.tag[token] not in (_SPACE_TAG, ",", ":")
    ]
    return len(words) > 1 and reading.parse.word[words[-1]] not in (".", "!", "?")


def _second_half(reading: Reading, after: int | None, level: int) -> int:
    """The quote that goes on after a comma behind the attribution."""
    parse = reading.parse
    if after is None or parse.word[after] not in _COMMAS:
        return NONE
    following = _neighbour(reading, after, +1)
    if following is None:
        return NONE
    quote = reading.quote_at(following, level)
    return quote if quote != NONE and reading.quotes[quote].first == following else NONE


def _complement(reading: Reading, cue: Cue, region: Range) -> Said | None:
    """The clause the verb governs on its right: "said that …"."""
    if not cue.entry.says:
        return None
    parse = reading.parse
    clauses = [
        child
        for child in parse.children[cue.verb]
        if child > cue.last and parse.dep[child] in _COMPLEMENTS
    ]
    clauses = clauses or _displaced(reading, cue, region)
    if not clauses or clauses[0] > region[1]:
        return None
    first = max(parse.left[clauses[0]], cue.last + 1)
    last = max(parse.right[clause] for clause in clauses)
    first = _back_over_quote_mark(reading, first, cue)
    return Said("clause", ((first, min(max(last, first), max(region[1], first))),))


def _displaced(reading: Reading, cue: Cue, region: Range) -> list[int]:
    """A "that" clause that the model hung on a noun in between ("warned the committee that"), or, of
    what was not said, a question ("did not reveal when")."""
    parse = reading.parse
    for token in range(cue.last + 1, min(region[1], cue.last + _REACH)):
        clause = parse.head[token]
        if reading.quote_at(token, cue.level) != reading.quote_at(cue.verb, cue.level):
            break
        if parse.lower[token] == "that" and parse.tag[token] == "IN" and clause > token:
            return [clause] if _hangs_on(reading, clause, cue.verb) else []
        if cue.negated and parse.tag[token] in ("WRB", "WP") and parse.head[clause] == cue.verb:
            return [clause]
    return []


def _hangs_on(reading: Reading, token: int, verb: int) -> bool:
    for _ in range(_STEPS):
        token = reading.parse.head[token]
        if token == verb:
            return True
    return False


def _back_over_quote_mark(reading: Reading, first: int, cue: Cue) -> int:
    quote = reading.quote_at(first, cue.level)
    if quote == NONE or reading.quotes[quote].first <= cue.verb:
        return first
    return reading.quotes[quote].first


def _following_quote(reading: Reading, cue: Cue, after: int | None, region: Range) -> Said | None:
    """A quote right behind the attribution: "said: “…”"."""
    if not cue.entry.quotes or after is None:
        return None
    for _ in range(3):
        if after is None or reading.parse.lower[after] not in _LEADS_IN:
            break
        after = _neighbour(reading, after, +1)
    if after is None or after > region[1]:
        return None
    quote = reading.quote_at(after, cue.level)
    if quote == NONE or reading.quotes[quote].first != after:
        return None
    last = reading.quotes[quote].last
    return Said("quote", ((after, last),))


def _interrupted(
    reading: Reading, cue: Cue, region: Range, before: int | None, after: int | None
) -> Said | None:
    """A sentence with the attribution between two commas, whatever the model made of it."""
    parse = reading.parse
    if before is None or after is None or not region[0] <= before < after <= region[1]:
        return None
    if parse.word[before] != "," or parse.word[after] != ",":
        return None
    clause = any(
        parse.dep[child] in _COMPLEMENTS and child > after for child in parse.children[cue.verb]
    )
    return _around(reading, cue, region, before, after) if clause else None


def _around(
    reading: Reading, cue: Cue, region: Range, before: int | None, after: int | None
) -> Said | None:
    """The sentence the attribution follows or interrupts: "The bridge, the mayor said, will open"."""
    parse = reading.parse
    if not cue.entry.says or before is None or before < region[0]:
        return None
    if parse.word[before] not in _COMMAS:
        return None
    first = _without_conjunction(reading, region[0], before)
    if _ends_region(reading, after, region):
        whole = _has_clause(reading, first, before) and not _is_setting(reading, cue, first, before)
        return Said("fronted", ((first, before),)) if whole else None
    assert after is not None
    if parse.word[after] not in _COMMAS:
        return None
    rest = _neighbour(reading, after, +1)
    if rest is None or rest > region[1]:
        return None
    if parse.lower[rest] in _GOES_ON_OTHERWISE or parse.tag[rest] == "VBG":
        whole = _has_clause(reading, first, before)
        return Said("fronted", ((first, before),)) if whole else None
    if first >= before:
        return Said("parenthetical", ((rest, region[1]),))
    return Said("parenthetical", ((first, before), (rest, region[1])))


def _without_conjunction(reading: Reading, first: int, before: int) -> int:
    while first < before and (
        reading.parse.tag[first] == _SPACE_TAG or reading.parse.lower[first] in _CONJUNCTIONS
    ):
        first += 1
    return first


def _ends_region(reading: Reading, after: int | None, region: Range) -> bool:
    return (
        after is None or after > region[1] or reading.parse.word[after] in (".", ";", ")", "!", "?")
    )


def _is_setting(reading: Reading, cue: Cue, first: int, last: int) -> bool:
    """Whether all before the comma only tells when or why it was said: "As he left, she complained"."""
    parse = reading.parse
    heads = [
        parse.dep[token]
        for token in range(max(first, last - _CLAUSE), last)
        if parse.head[token] == cue.verb and parse.dep[token] in ("advcl", *_COMPLEMENTS)
    ]
    return heads == ["advcl"]


def _has_clause(reading: Reading, first: int, last: int) -> bool:
    parse = reading.parse
    last = min(last, first + _CLAUSE)
    if last - first < _MIN_CLAUSE_WORDS:
        return False
    return any(
        parse.dep[token] in ("nsubj", "nsubjpass", "expl") and first <= parse.head[token] <= last
        for token in range(first, last + 1)
    )


def _object(reading: Reading, cue: Cue, region: Range) -> Said | None:
    """The noun phrase of verbs that take one: "emphasized the importance of …"."""
    parse = reading.parse
    if not cue.entry.takes_object:
        return None
    objects = [c for c in parse.children[cue.verb] if c > cue.last and parse.dep[c] == "dobj"]
    if not objects or parse.tag[objects[0]] in ("PRP", "WP", "WDT"):
        return None
    last = parse.right[objects[0]]
    for child in parse.children[cue.verb]:
        goes_on = parse.dep[child] == "prep" and parse.left[child] <= last + 1
        joined = parse.dep[child] == "conj" and parse.tag[child].startswith("NN")
        if child > objects[0] and (goes_on or joined):
            last = max(last, parse.right[child])
    return Said("object", ((parse.left[objects[0]], min(last, region[1])),))
