"""Who is meant: by "he", "the minister", "his office".

One pass over the tokens in text order. Every reference is remembered with a weight that says how
likely a later pronoun means the same; a reference fades with each sentence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from pipeline.enrich.entities import Cast, Cluster
from pipeline.enrich.lexicon import People
from pipeline.enrich.parse import Parse
from pipeline.enrich.phrases import phrase_end, phrase_start
from pipeline.enrich.places import fold
from pipeline.enrich.reading import NONE, Reading

# Some languages do not tell "his" from "her": whoever it is.
GENDERS: dict[str, str | None] = {
    "his/her": None,
    "him/her": None,
    "he": "male",
    "him": "male",
    "his": "male",
    "she": "female",
    "her": "female",
    "hers": "female",
}
_GROUP_PRONOUNS = frozenset({"they", "them", "their", "it", "its"})
_DEFINITE = frozenset({"the", "this", "that", "his", "her", "his/her", "their", "its"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_PREPOSITIONS = frozenset({"of", "at", "for", "in", "from", "on", "to", "with"})
_BODIES = frozenset({"ORG", "GPE", "NORP", "FAC"})
_OFFICES = frozenset({"office", "campaign", "administration"})
_NEAR: tuple[float, None] = (-1.0, None)
_SPEAKER, _SUBJECT, _MODIFIER, _QUOTED = 1.5, 1.0, -0.5, -1.5
_FADE = 0.7
_FADE_PARAGRAPH = 1.0
_SAME_GENDER = 0.5
_SENTENCES_BACK = 12
_REFERENCES_BACK = 120


@dataclass(frozen=True, slots=True)
class Source:
    """A source that spoke and has no name: "a priest", "two officials"."""

    text: str
    plural: bool
    person: bool
    gender: str | None


@dataclass(frozen=True, slots=True)
class _Reference:
    token: int
    who: Cluster | Source
    weight: float


@dataclass(slots=True)
class References:
    """Whom each pronoun, nominal and name of a text refers to, by the token of its head."""

    who: dict[int, Cluster | Source] = field(default_factory=dict)
    nominals: list[tuple[int, int, Cluster]] = field(default_factory=list)
    pronouns: list[tuple[int, Cluster]] = field(default_factory=list)


def resolve(reading: Reading, cast: Cast, people: People, speakers: Iterable[int]) -> References:
    """Resolve every reference of a text. ``speakers`` are the heads of those who are said to
    speak."""
    return _Pass(reading, cast, people, frozenset(speakers)).run()


class _Pass:
    def __init__(
        self, reading: Reading, cast: Cast, people: People, speakers: frozenset[int]
    ) -> None:
        self._reading = reading
        self._parse: Parse = reading.parse
        self._cast = cast
        self._people = people
        self._speakers = speakers
        self._history: list[_Reference] = []
        self._found = References()
        self._met: dict[int, int] = {}
        self._bodies = _by_body_noun(cast.clusters, people)
        self._breaks = [n for n, word in enumerate(self._parse.word) if "\n" in word]
        self._by_role = _by_role_noun(cast.clusters, people.role_keys)

    def run(self) -> References:
        for token, lower in enumerate(self._parse.lower):
            if token in self._cast.at:
                self._name(token)
            elif lower in GENDERS:
                self._remember(token, self._person(token, GENDERS[lower]))
            elif lower in _GROUP_PRONOUNS:
                if token in self._speakers:
                    self._remember(token, self._group(token))
            elif self._parse.tag[token] in ("NN", "NNS", "NNP", "NNPS"):
                self._nominal(token)
        return self._found

    def _name(self, token: int) -> None:
        if token == self._cast.span_at[token][1]:
            who = self._cast.clusters[self._cast.at[token]]
            self._remember(token, who, name=True)

    def _remember(self, token: int, who: Cluster | Source | None, *, name: bool = False) -> None:
        if who is None:
            return
        self._found.who[token] = who
        self._met[id(who)] = token
        self._history.append(_Reference(token, who, self._weight(token)))
        if not name and isinstance(who, Cluster) and self._parse.tag[token] in ("PRP", "PRP$"):
            self._found.pronouns.append((token, who))

    def _weight(self, token: int) -> float:
        weight = 0.0
        dep = self._parse.dep[token]
        if token in self._speakers:
            weight += _SPEAKER
        elif dep in _SUBJECTS:
            weight += _SUBJECT
        elif dep in ("poss", "compound"):
            weight += _MODIFIER
        return weight + (_QUOTED if self._reading.outer[token] != NONE else 0.0)

    def _recent(self, token: int) -> Iterator[tuple[float, _Reference]]:
        """References before this one with their faded weights, the last first."""
        sentence, paragraph = self._parse.sentence[token], self._paragraph(token)
        for reference in islice(reversed(self._history), _REFERENCES_BACK):
            back = sentence - self._parse.sentence[reference.token]
            if back > _SENTENCES_BACK:
                return
            breaks = paragraph - self._paragraph(reference.token)
            yield reference.weight - _FADE * back - _FADE_PARAGRAPH * breaks, reference

    def _paragraph(self, token: int) -> int:
        return bisect_right(self._breaks, token)

    def _person(self, token: int, gender: str | None) -> Cluster | Source | None:
        excluded = self._co_argument(token)
        best: tuple[float, Cluster | Source] | None = None
        for weight, reference in self._recent(token):
            who = reference.who
            if who is excluded or not _may_be_person(who, gender):
                continue
            score = weight + (_SAME_GENDER if gender and who.gender == gender else 0.0)
            if best is None or score > best[0]:
                best = (score, who)
        if best is None:
            return None
        if isinstance(best[1], Cluster) and best[1].gender is None:
            best[1].gender = gender
        return best[1]

    def _co_argument(self, token: int) -> Cluster | Source | None:
        """The subject of a verb is not its object: "Novak warned him"."""
        parse = self._parse
        if parse.dep[token] not in ("dobj", "dative", "pobj"):
            return None
        verb = parse.head[token]
        if parse.dep[token] == "pobj":
            verb = parse.head[verb]
        subject = next((c for c in parse.children[verb] if parse.dep[c] in _SUBJECTS), None)
        return self._found.who.get(subject) if subject is not None else None

    def _group(self, token: int) -> Cluster | Source | None:
        plural = self._parse.lower[token] not in ("it", "its")
        best: tuple[float, Cluster | Source] | None = None
        for weight, reference in self._recent(token):
            modifies = self._parse.dep[reference.token] in ("amod", "compound", "poss")
            fits = _may_be_group(reference.who, plural=plural) and not modifies
            if fits and (best is None or weight > best[0]):
                best = (weight, reference.who)
        return best[1] if best else None

    def _nominal(self, token: int) -> None:
        parse = self._parse
        lower = parse.lower[token]
        start = phrase_start(self._reading, token)
        definite = parse.lower[start] in _DEFINITE
        if definite and self._is_head(token):
            words = [w for w in parse.lower[start:token] if w.isalnum() and w not in _DEFINITE]
            who = self._holder(fold(lower), words) or self._body(token, lower, words)
            if who is not None:
                self._remember(token, who)
                self._found.nominals.append((start, token, who))
                return
        if token in self._speakers:
            end = phrase_end(self._reading, token, len(parse))
            text = parse.slice(start, end)
            plural = (
                parse.tag[token] in ("NNS", "NNPS")
                or lower in self._people.group_nouns
                or lower in _OFFICES
            )
            person = lower in self._people.role_nouns or lower in self._people.gender_of_noun
            gender = self._people.gender_of_noun.get(lower)
            self._remember(token, Source(text, plural, person and not plural, gender))

    def _is_head(self, token: int) -> bool:
        """Whether the noun is not part of a longer one ("the minister’s office", "the bank
        manager")."""
        parse = self._parse
        return parse.dep[token] != "compound" or token + 1 not in self._cast.at

    def _holder(self, noun: str, words: list[str]) -> Cluster | None:
        """The person whose role is called so: all words of the phrase are words of the role, or
        tell for whom it is held."""
        fitting = [
            (not fits_fully, self._last_met(cluster), cluster)
            for cluster, role in self._by_role.get(noun, ())
            if (fits_fully := _fits(role, noun, words)) is not None
        ]
        met = [item for item in fitting if item[1] >= 0]
        if not met:
            # Named only later: "the pilot", where the text has one.
            return fitting[0][2] if len(fitting) == 1 and not fitting[0][0] else None
        return max(met, key=lambda item: (not item[0], item[1]))[2]

    def _last_met(self, cluster: Cluster) -> int:
        return self._met.get(id(cluster), -1)

    def _body(self, token: int, noun: str, words: list[str]) -> Cluster | None:
        """The organisation whose name says that it is one: "the union", "the ministry"."""
        last = None
        for cluster in self._bodies.get(fold(noun), ()):
            if all(fold(word) in cluster.words for word in words):
                met = self._last_met(cluster)
                if last is None or met > last[0]:
                    last = (met, cluster)
        if last is not None:
            return last[1]
        any_body = noun in self._people.group_nouns and not words
        return self._last_organisation(token) if any_body else None

    def _last_organisation(self, token: int) -> Cluster | None:
        """The organisation that the text was about just before: "the company"."""
        parse = self._parse
        of = any(parse.lower[c] == "of" and c == token + 1 for c in parse.children[token])
        if token not in self._speakers or parse.tag[token] != "NN" or of:
            return None
        best: tuple[float, Cluster] | None = None
        for weight, reference in self._recent(token):
            who = reference.who
            if isinstance(who, Cluster) and who.label == "ORG" and weight > (best or _NEAR)[0]:
                best = (weight, who)
        return best[1] if best else None


def _own_words(role: tuple[str, ...]) -> tuple[str, ...]:
    """A role without what it is for: "president" of "president of the National Union"."""
    place = next((n for n, word in enumerate(role) if n and word in _PREPOSITIONS), len(role))
    return role[:place]


def _by_role_noun(
    clusters: list[Cluster], nouns: frozenset[str]
) -> dict[str, list[tuple[Cluster, tuple[str, ...]]]]:
    found: dict[str, list[tuple[Cluster, tuple[str, ...]]]] = {}
    for cluster in clusters:
        if cluster.label != "PERSON":
            continue
        for role in cluster.roles:
            words = tuple(fold(word) for word in role.split())
            for word in dict.fromkeys(_own_words(words)):
                if word in nouns:
                    found.setdefault(word, []).append((cluster, words))
    return found


def _fits(role: tuple[str, ...], noun: str, words: list[str]) -> bool | None:
    """Whether a phrase can mean the holder of a role; False where the role is another in full: "the
    minister" is hardly the prime minister. None where it cannot."""
    if any(fold(word) not in role for word in words):
        return None
    place = role.index(noun)
    inherent = place > 0 and role[place - 1] in ("prime", "vice") and role[place - 1] not in words
    return not inherent


def _by_body_noun(clusters: list[Cluster], people: People) -> dict[str, list[Cluster]]:
    """Organisations and facilities by the nouns their names hold: "union", "airline" of "Airlines",
    "bank" of "Nordbank"; by the last word of their names, where it says what they are."""
    nouns = people.group_keys
    found: dict[str, list[Cluster]] = {}
    for cluster in clusters:
        if cluster.label not in ("ORG", "FAC"):
            continue
        called = {*cluster.words, *(word.removesuffix("s") for word in cluster.words)} & nouns
        if len(cluster.words) == 1:
            called |= {noun for noun in nouns if cluster.words[0].endswith(noun)}
        elif cluster.words[-1] in people.kind_nouns:
            called.add(cluster.words[-1])
        for noun in called:
            found.setdefault(noun, []).append(cluster)
    return found


def _may_be_person(who: Cluster | Source, gender: str | None) -> bool:
    person = who.person if isinstance(who, Source) else who.label == "PERSON"
    return person and (gender is None or who.gender in (None, gender))


def _may_be_group(who: Cluster | Source, *, plural: bool) -> bool:
    if isinstance(who, Source):
        return who.plural
    return who.label in (_BODIES if not plural else {"ORG", "NORP"})
