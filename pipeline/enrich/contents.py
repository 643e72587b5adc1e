"""What a cue says was said: which tokens, and by which construction."""

from __future__ import annotations

from pipeline.enrich.cues import Cue
from pipeline.enrich.frames import COMMAS, SPACE, Frame, Range, frame_of, neighbour
from pipeline.enrich.reading import NONE, Reading
from pipeline.enrich.stances import Said, find_naming, find_stance
from pipeline.records.annotations import StatementKind

_CLOSING_SINGLE = "’'›"
_LEADS_IN = frozenset({",", ":", "that", "–", "—", "-"})
_CONJUNCTIONS = frozenset({"but", "and", "yet", "so", "or"})
_GOES_ON_OTHERWISE = frozenset(
    ("and", "but", "while", "as", "who", "which", "whose", "where", "when", "although", "though")
)
_COMPLEMENTS = frozenset({"ccomp", "parataxis"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl"})
_JOINED = frozenset({"conj", "ccomp", "advcl"})
_MIN_CLAUSE_WORDS = 3
_REACH = 16
_STEPS = 4
_LONGEST = 300


def find_content(reading: Reading, cue: Cue) -> Said | None:
    """What the cue attributes; None where it attributes nothing that can be told."""
    frame = frame_of(reading, cue)
    if cue.passive:
        return _complement(reading, cue, frame) if cue.entry.says else None
    named = find_naming(reading, cue, frame) if cue.entry.names else None
    return named or _words(reading, cue, frame) or find_stance(reading, cue, frame)


def _words(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """A quote or a clause."""
    if not (cue.entry.says or cue.entry.quotes):
        return _thought(reading, cue, frame)
    return (
        _fronted_quote(reading, cue, frame)
        or _interrupted(reading, cue, frame)
        or _complement(reading, cue, frame)
        or _following_quote(reading, cue, frame)
        or _around(reading, cue, frame)
        or _object(reading, cue, frame)
    )


def _thought(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """What is believed or hoped, outside quotes: within them every "I think" would be one."""
    if not cue.entry.thinks or cue.level != NONE:
        return None
    said = _complement(reading, cue, frame)
    if said is None and cue.documented:
        said = _around(reading, cue, frame)
    kind: StatementKind = "speech" if cue.documented else "thought"
    return said and Said(said.construction, said.parts, kind)


def _fronted_quote(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """A quote that the attribution follows, with its second half where it is split."""
    quote = _ending_at(reading, frame.before, cue.level)
    if quote == NONE or not _goes_on(reading, quote, cue, frame):
        return None
    quoted = reading.quotes[quote]
    first = quoted.first
    if _is_one_sentence(reading, frame.region[0], first):
        if reading.parse.dep[frame.region[0]] == "mark" and _has_complement(reading, cue):
            return None  # "While he called it “broad,” she said that …": the quote is another's
        first = min(frame.region[0], first)
    second = _second_half(reading, frame.after, cue.level)
    rest = ((reading.quotes[second].first, reading.quotes[second].last),) if second != NONE else ()
    return Said("quote", ((first, quoted.last), *rest))


def _has_complement(reading: Reading, cue: Cue) -> bool:
    parse = reading.parse
    return any(c > cue.last and parse.dep[c] in _COMPLEMENTS for c in parse.children[cue.verb])


def _ending_at(reading: Reading, token: int | None, level: int) -> int:
    """The quote that ends with this token, or before the comma that this token is."""
    if token is not None and reading.parse.word[token] == ",":
        token = neighbour(reading, token, -1)
    if token is None:
        return NONE
    quote = reading.quote_at(token, level)
    return quote if quote != NONE and reading.quotes[quote].last == token else NONE


def _goes_on(reading: Reading, quote: int, cue: Cue, frame: Frame) -> bool:
    """Whether an attribution after this quote is its own: the quote ends as one that goes on does,
    or the clause begins in lower case."""
    if quote in (reading.inner[cue.verb], reading.outer[cue.verb]):
        return False
    parse = reading.parse
    quoted = reading.quotes[quote].quote
    said = parse.text[quoted.parts[-1].start : quoted.end - 1].rstrip(_CLOSING_SINGLE)
    ends = said[-1:]
    if ends in ",?!—–-…" or parse.word[frame.first - 1] == ",":
        return True
    return ends == "." and parse.word[frame.first][:1].islower()


def _is_one_sentence(reading: Reading, first: int, quote: int) -> bool:
    """Whether the words before a quote belong to the same sentence; "But" alone does not."""
    words = [
        token for token in range(first, quote) if reading.parse.tag[token] not in (SPACE, ",", ":")
    ]
    noun = bool(words) and reading.parse.tag[words[0]].startswith("NN")
    return len(words) > 1 - noun and reading.parse.word[words[-1]] not in (".", "!", "?")


def _second_half(reading: Reading, after: int | None, level: int) -> int:
    """The quote that goes on after a comma behind the attribution."""
    parse = reading.parse
    if after is None or parse.word[after] not in COMMAS:
        return NONE
    following = neighbour(reading, after, +1)
    if following is None:
        return NONE
    quote = reading.quote_at(following, level)
    return quote if quote != NONE and reading.quotes[quote].first == following else NONE


def _complement(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """The clause the verb governs on its right: "said that …"."""
    if not (cue.entry.says or cue.entry.thinks):
        return None
    parse = reading.parse
    clauses = [
        child
        for child in parse.children[cue.verb]
        if child > cue.last and parse.dep[child] in _COMPLEMENTS
    ]
    region = frame.region
    if not clauses and cue.entry.says:
        clauses = _displaced(reading, cue, region)
    if not clauses or clauses[0] > region[1]:
        return None
    first = max(parse.left[clauses[0]], cue.last + 1)
    last = _joined_on(reading, cue, max(parse.right[clause] for clause in clauses))
    first = _back_over_that(reading, cue, _back_over_quote_mark(reading, first, cue))
    return Said("clause", ((first, min(max(last, first), max(region[1], first))),))


def _joined_on(reading: Reading, cue: Cue, last: int) -> int:
    """The end of a clause joined on by "and" or "but" without a comma, which the model hung on the
    cue: "said it was a lot but there are people who will help"."""
    parse = reading.parse
    if last > cue.last and parse.tag[last] == "CC":
        last -= 1
    if last + 2 >= len(parse) or parse.tag[last + 1] != "CC":
        return last
    for child in parse.children[cue.verb]:
        own = parse.lower[parse.left[child]] == "that" or any(
            parse.dep[c] in _SUBJECTS for c in parse.children[child]
        )
        says = any(parse.dep[c] == "ccomp" for c in parse.children[child])
        if child > last and parse.dep[child] in _JOINED and own and not says:
            return parse.right[child] if parse.left[child] == last + 2 else last
    return last


def _back_over_that(reading: Reading, cue: Cue, first: int) -> int:
    """Back to a "that" behind who was told, which the model took for "which"."""
    parse = reading.parse
    if not cue.entry.tells:
        return first
    for token in range(cue.last + 2, min(first, cue.last + _REACH)):
        if parse.lower[token] == "that" and parse.dep[token - 1] in ("dobj", "dative"):
            return token
    return first


def _displaced(reading: Reading, cue: Cue, region: Range) -> list[int]:
    """A "that" clause that the model hung on a noun in between ("warned the committee that"), or,
    of what was not said, a question ("did not reveal when")."""
    parse = reading.parse
    for token in range(cue.last + 1, min(region[1], cue.last + _REACH)):
        clause = parse.head[token]
        if reading.quote_at(token, cue.level) != reading.quote_at(cue.verb, cue.level):
            break
        if _is_that(reading, cue, token, clause):
            if token == cue.last + 1:
                return [clause]
            return [clause] if _hangs_on(reading, clause, cue.verb) else []
        if cue.negated and parse.tag[token] in ("WRB", "WP") and parse.head[clause] == cue.verb:
            return [clause]
    return []


def _is_that(reading: Reading, cue: Cue, token: int, clause: int) -> bool:
    """Whether a "that" leads a whole clause: as conjunction, or, where the model hung the clause on
    a noun, beside a subject of the clause's own."""
    parse = reading.parse
    if parse.lower[token] != "that" or clause <= token:
        return False
    if parse.tag[token] == "IN":
        return True
    own = any(parse.dep[t] in _SUBJECTS for t in range(token + 1, min(clause, token + _REACH)))
    whole = parse.dep[token] in (
        "advmod",
        "mark",
    )  # no noun of the clause is missing that it could stand for
    return own and (cue.passive or cue.entry.tells or whole)


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


def _following_quote(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """A quote right behind the attribution: "said: “…”"."""
    after = frame.after
    if not cue.entry.quotes:
        return None
    introduced = after is not None and reading.parse.word[after] == ":"
    for _ in range(3):
        if after is None or reading.parse.lower[after] not in _LEADS_IN:
            break
        after = neighbour(reading, after, +1)
    if after is None or (after > frame.region[1] and not introduced):
        return None
    quote = reading.quote_at(after, cue.level)
    if quote == NONE or reading.quotes[quote].first != after:
        return _following_words(reading, cue, after) if introduced else None
    last = reading.quotes[quote].last
    return Said("quote", ((after, last),))


def _following_words(reading: Reading, cue: Cue, first: int) -> Said | None:
    """The rest of the paragraph behind a colon, without marks: "tweeted: We won. Thank you."."""
    parse = reading.parse
    if not cue.entry.says or "\n" in parse.text[parse.end[cue.last] : parse.start[first]]:
        return None
    last = first
    while last + 1 < len(parse) and last - first < _LONGEST and "\n" not in parse.word[last + 1]:
        last += 1
    return Said("clause", ((first, last),))


def _interrupted(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """A sentence with the attribution between two commas, where the model takes its second half for
    what is said and its first for something else."""
    parse, before, after = reading.parse, frame.before, frame.after
    if before is None or after is None:
        return None
    if parse.word[before] != "," or parse.word[after] != ",":
        return None
    split = any(
        parse.dep[child] in _COMPLEMENTS and child > after for child in parse.children[cue.verb]
    )
    return _around(reading, cue, frame) if split else None


def _around(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
    """The sentence that the attribution follows or, between two commas, interrupts: "The bridge,
    the mayor said, will open"."""
    before, after, word = frame.before, frame.after, reading.parse.word
    attributes = cue.entry.says or cue.documented
    if not attributes or before is None or before < frame.region[0]:
        return None
    if reading.parse.tag[cue.verb] == "VBG" or reading.parse.dep[cue.verb] in ("relcl", "acl"):
        return None
    first = _without_conjunction(reading, frame.region[0], before)
    if word[before] not in COMMAS or after is None or _ends_sentence(reading, after, frame.region):
        return _fronted(reading, cue, first, before) if word[before] in COMMAS else None
    rest = neighbour(reading, after, +1) if word[after] in COMMAS else None
    if rest is None or rest > frame.region[1]:
        return None
    if reading.parse.lower[rest] in _GOES_ON_OTHERWISE or reading.parse.tag[rest] == "VBG":
        return _fronted(reading, cue, first, before)
    begun: tuple[Range, ...] = ((first, before),) if first < before else ()
    return Said("parenthetical", (*begun, (rest, frame.region[1])))


def _fronted(reading: Reading, cue: Cue, first: int, before: int) -> Said | None:
    if not _has_clause(reading, first, before) or _is_setting(reading, cue, first, before):
        return None
    return Said("fronted", ((first, before),))


def _without_conjunction(reading: Reading, first: int, before: int) -> int:
    while first < before and (
        reading.parse.tag[first] == SPACE or reading.parse.lower[first] in _CONJUNCTIONS
    ):
        first += 1
    return first


def _ends_sentence(reading: Reading, after: int, region: Range) -> bool:
    return after > region[1] or reading.parse.word[after] in (".", ";", ")", "!", "?")


def _is_setting(reading: Reading, cue: Cue, first: int, last: int) -> bool:
    """Whether all before the comma only tells when or why it was said: "As he left, she
    complained"."""
    parse = reading.parse
    heads = [
        parse.dep[token]
        for token in range(max(first, last - _LONGEST), last)
        if parse.head[token] == cue.verb and parse.dep[token] in ("advcl", *_COMPLEMENTS)
    ]
    return heads == ["advcl"]


def _has_clause(reading: Reading, first: int, last: int) -> bool:
    parse = reading.parse
    last = min(last, first + _LONGEST)
    if last - first < _MIN_CLAUSE_WORDS:
        return False
    return any(
        parse.dep[token] in ("nsubj", "nsubjpass", "expl") and first <= parse.head[token] <= last
        for token in range(first, last + 1)
    )


def _object(reading: Reading, cue: Cue, frame: Frame) -> Said | None:
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
    return Said("object", ((parse.left[objects[0]], min(last, frame.region[1])),))
