"""Who and what a text names: mentions of the same person or thing brought together."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.enrich.lexicon import People
from pipeline.enrich.names import NameMention
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import Gazetteer, fold
from pipeline.enrich.roles import role_after, role_before_comma, roles_before

_WORD = re.compile(r"[^\s.,]+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_ACRONYM = re.compile(r"[A-Z]{2,7}$")
_NAMESAKES = 50
_CLOSING = frozenset({",", ".", "”", '"', ")", ";", "–", "—"})
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "de", "&"})
_OVERRULED = frozenset({"ORG", "GPE", "NORP", "LOC", "FAC", "PRODUCT", "WORK_OF_ART", "EVENT"})


@dataclass(slots=True)
class Cluster:
    """One entity in the making. ``names`` are its mentions by token range; ``words`` are the folded
    words of its fullest name."""

    label: str
    name: str
    words: tuple[str, ...]
    names: list[tuple[int, int]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    short: dict[str, int] = field(default_factory=dict)
    gender: str | None = None
    country: str | None = None


@dataclass(slots=True)
class Cast:
    """The entities of a text. By each token of a name mention, ``at`` gives the entity and
    ``span_at`` the mention's first and last token."""

    clusters: list[Cluster]
    at: dict[int, int]
    span_at: dict[int, tuple[int, int]]


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared: folded, without "Jr."."""
    words = tuple(fold(word) for word in _WORD.findall(name))
    return tuple(word for word in words if word not in _SUFFIXES) or words


def cast(parse: Parse, mentions: list[NameMention], people: People, places: Gazetteer) -> Cast:
    """Bring the mentions of a text together."""
    texts = {mention: parse.slice(mention.first, mention.last) for mention in mentions}
    persons = _Persons(people)
    others = _Others(places)
    known = persons.introduce(mentions, texts)
    labels = _majority(mentions, texts)
    at: dict[int, tuple[Cluster, tuple[int, int]]] = {}
    for mention in mentions:
        text = texts[mention]
        label = labels[text]
        words = name_words(text)
        if label == "PERSON" or (label in _OVERRULED and len(words) == 1 and words[0] in known):
            cluster = persons.place(mention, text, words)
        else:
            cluster = others.place(label, text)
        _join(cluster, mention.first, mention.last, at)
    _pass_over(parse, persons, at)
    clusters = _one_for_each_name([*persons.clusters, *others.merged(at)], at)
    for cluster in clusters:
        cluster.names.sort()
    clusters.sort(key=lambda cluster: cluster.names[0])
    index = {id(cluster): number for number, cluster in enumerate(clusters)}
    return Cast(
        clusters=clusters,
        at={token: index[id(cluster)] for token, (cluster, _) in at.items()},
        span_at={token: span for token, (_, span) in at.items()},
    )


def _join(
    cluster: Cluster, first: int, last: int, at: dict[int, tuple[Cluster, tuple[int, int]]]
) -> None:
    cluster.names.append((first, last))
    for token in range(first, last + 1):
        at[token] = (cluster, (first, last))


def _one_for_each_name(
    clusters: list[Cluster], at: dict[int, tuple[Cluster, tuple[int, int]]]
) -> list[Cluster]:
    """Entities with a mention; of several with one name, the most mentioned takes all."""
    kept: dict[str, Cluster] = {}
    for cluster in sorted(clusters, key=lambda cluster: -len(cluster.names)):
        first = kept.setdefault(cluster.name, cluster)
        if first is not cluster:
            for name in cluster.names:
                _join(first, *name, at)
    return [cluster for cluster in kept.values() if cluster.names]


def _majority(mentions: list[NameMention], texts: dict[NameMention, str]) -> dict[str, str]:
    """One label for each text: the model wavers, the reader does not. The first of equals wins."""
    counts: dict[str, Counter[str]] = {}
    for mention in mentions:
        counts.setdefault(texts[mention], Counter())[mention.label] += 1
    return {text: labels.most_common(1)[0][0] for text, labels in counts.items()}


class _Persons:
    """People by name; a shorter name is that of someone whose full name holds it."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._by_word: dict[str, list[Cluster]] = {}
        self.clusters: list[Cluster] = []

    def introduce(
        self, mentions: Iterable[NameMention], texts: dict[NameMention, str]
    ) -> frozenset[str]:
        """Make the people whose full names are in the text; tells the names they may be called
        by."""
        for mention in mentions:
            words = name_words(texts[mention])
            if mention.label == "PERSON" and len(words) > 1 and not self._same(words):
                self._new(texts[mention], words)
        first_names = {c.words[0] for c in self.clusters} & self._people.gender_of_name.keys()
        return frozenset(first_names.union(cluster.words[-1] for cluster in self.clusters))

    def _new(self, name: str, words: tuple[str, ...]) -> Cluster:
        gender = self._people.gender_of_name.get(words[0]) if len(words) > 1 else None
        cluster = Cluster("PERSON", name, words, gender=gender)
        self.clusters.append(cluster)
        self._index(cluster)
        return cluster

    def _index(self, cluster: Cluster) -> None:
        for word in dict.fromkeys(cluster.words):
            self._by_word.setdefault(word, []).append(cluster)

    def _same(self, words: tuple[str, ...]) -> Cluster | None:
        """The person of this full name; middle names may be missing, then the longer one is
        kept."""
        for cluster in self._by_word.get(words[0], [])[:_NAMESAKES]:
            if cluster.words == words or (
                len(words) > 1
                and len(cluster.words) > 1
                and cluster.words[0] == words[0]
                and cluster.words[-1] == words[-1]
            ):
                return cluster
        return None

    def place(self, mention: NameMention, text: str, words: tuple[str, ...]) -> Cluster:
        """The person a mention is of; a new one where none fits."""
        cluster = self._same(words) or self._by_part(mention, words)
        if cluster is None:
            cluster = self._new(text, words)
        if len(words) > len(cluster.words):
            cluster.name, cluster.words = text, words
            self._index(cluster)
        if len(words) == 1:
            cluster.short[words[0]] = mention.first
        if mention.honorific in ("male", "female"):
            cluster.gender = mention.honorific
        return cluster

    def _by_part(self, mention: NameMention, words: tuple[str, ...]) -> Cluster | None:
        whole = set(words)
        fitting = [
            cluster
            for cluster in self._by_word.get(words[0], [])[:_NAMESAKES]
            if whole <= set(cluster.words) and _may_be(cluster, mention.honorific)
        ]
        return max(fitting, key=lambda cluster: _closeness(cluster, mention, words), default=None)


def _may_be(cluster: Cluster, honorific: str | None) -> bool:
    return (
        honorific not in ("male", "female") or cluster.gender is None or cluster.gender == honorific
    )


def _closeness(
    cluster: Cluster, mention: NameMention, words: tuple[str, ...]
) -> tuple[bool, bool, int, int]:
    """Of several who may be meant: one met before, one called so before, the last mentioned."""
    # Mentions come in text order, but for the surnames that are looked for in the end.
    place = bisect_left(cluster.names, (mention.first, 0))
    last = cluster.names[place - 1][0] if place else -1
    return bool(place), cluster.words[-1] == words[-1], cluster.short.get(words[0], -1), last


def _pass_over(
    parse: Parse, persons: _Persons, at: dict[int, tuple[Cluster, tuple[int, int]]]
) -> None:
    """Surnames the model passed over, mostly where they begin a sentence."""
    surnames = {c.words[-1] for c in persons.clusters if len(c.words) > 1}
    for token, word in enumerate(parse.word):
        if token in at or not word[:1].isupper() or parse.tag[token] not in ("NNP", "NNPS", "NN"):
            continue
        words = (fold(word),)
        if words[0] not in surnames or _is_within_name(parse, token):
            continue
        mention = NameMention(token, token, "PERSON")
        _join(persons.place(mention, word, words), token, token, at)


def _is_within_name(parse: Parse, token: int) -> bool:
    """Whether a capitalised word beside it makes this another name: "Novak Street"."""
    following = token + 1 < len(parse) and parse.tag[token + 1] in ("NNP", "NNPS")
    return following and parse.head[token] == token + 1


class _Others:
    """What is no person: by name, acronym, and for countries by what country it is."""

    def __init__(self, places: Gazetteer) -> None:
        self._places = places
        self._by_key: dict[str, Cluster] = {}

    def place(self, label: str, text: str) -> Cluster:
        """The entity of this name; the fullest form is its name."""
        country = self._places.country(text) if label == "GPE" else None
        key = f"{label[:3]}:{country}" if country else fold(text).replace(".", "")
        cluster = self._by_key.get(key)
        if cluster is None:
            cluster = self._by_key[key] = Cluster(label, text, name_words(text), country=country)
        elif len(text) > len(cluster.name):
            cluster.name, cluster.words = text, name_words(text)
        return cluster

    def merged(self, at: dict[int, tuple[Cluster, tuple[int, int]]]) -> list[Cluster]:
        """All of them, acronyms joined with the long form they stand for."""
        long_forms: dict[str, Cluster] = {}
        for cluster in self._by_key.values():
            if len(cluster.words) > 1:
                long_forms.setdefault(_initials(cluster.name), cluster)
        kept = []
        for cluster in self._by_key.values():
            whole = long_forms.get(cluster.name.replace(".", ""))
            if whole is None or not _ACRONYM.match(cluster.name.replace(".", "")):
                kept.append(cluster)
                continue
            for first, last in cluster.names:
                _join(whole, first, last, at)
            cluster.names = []
        return kept


def _initials(name: str) -> str:
    return "".join(word[0].upper() for word in name.split() if word.lower() not in _SMALL)


def describe_people(parse: Parse, cast_: Cast, people: People) -> dict[int, int]:
    """Give people and organisations their roles, and people a gender; tells, by the noun of a
    description that a name explains, that name's last token: "the mayor of Celje, Marko Zupan"."""
    explained: dict[int, int] = {}
    for cluster in cast_.clusters:
        if cluster.label not in ("PERSON", "ORG"):
            continue
        owned = cluster.label == "ORG"
        for first, last in cluster.names:
            start = parse.sentences[parse.sentence[first]][0]
            roles = [] if owned else _person_roles(parse, cast_, people, first, last)
            before = role_before_comma(parse, people, first, start, owned=owned)
            if before is not None and _stands_alone(parse, last):
                explained[before[0]] = last
                roles.append(before[1])
            cluster.roles += [role for role in roles if role not in cluster.roles]
        _tell_gender(cluster, people)
    return explained


def _person_roles(parse: Parse, cast_: Cast, people: People, first: int, last: int) -> list[str]:
    start, end = parse.sentences[parse.sentence[first]]
    roles = roles_before(parse, people, first, start)
    after = role_after(parse, people, last, end)
    if after is not None and not _is_anothers(cast_, after):
        roles.append(parse.slice(*after))
    return roles


def _is_anothers(cast_: Cast, role: tuple[int, int]) -> bool:
    """Whether a description is the title of the next in a list: "Jane Miller, Chief of Staff Peter
    Hansen"."""
    first, last = role
    return any(
        token in cast_.at and cast_.clusters[cast_.at[token]].label == "PERSON"
        for token in (*range(first, last), last + 1)
        if token == last + 1 or token - first < 2
    )


def _stands_alone(parse: Parse, last: int) -> bool:
    """Whether the name is closed off: not the first item of a list."""
    return last + 1 >= len(parse) or parse.word[last + 1] in _CLOSING


def _tell_gender(cluster: Cluster, people: People) -> None:
    if cluster.label != "PERSON" or cluster.gender:
        return
    for role in cluster.roles:
        for word in role.lower().split():
            if word in people.gender_of_noun:
                cluster.gender = people.gender_of_noun[word]
                return
