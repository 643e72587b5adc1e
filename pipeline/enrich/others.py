"""Organisations, places and other things by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.enrich.clusters import Cluster, Mentioned, join, name_words
from pipeline.enrich.lexicon import People
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import Gazetteer, fold

_CAPITALS = re.compile(r"[A-Z]{2,7}$")
_NAMESAKES = 50
_LONGEST_SHOUTED_ACRONYM = 4  # letters
_SHORT_FORM = re.compile(r"[A-Z][A-Za-z&.-]{1,9}$")


class Others:
    """What is no person: by name, acronym, and for places by what country or region it is."""

    def __init__(self, people: People, places: Gazetteer) -> None:
        self._people = people
        self._places = places
        self._by_key: dict[str, Cluster] = {}

    def place(self, label: str, text: str) -> Cluster:
        """The entity of this name; the fullest form is its name."""
        country = self._places.country(text) if label == "GPE" else None
        key = self._key(label, text)
        words = name_words(text, self._people)
        cluster = self._by_key.get(key)
        if cluster is None:
            cluster = self._by_key[key] = Cluster(label, text, words, country=country)
        elif len(text) > len(cluster.name) or _reads_better(text, cluster.name):
            cluster.name, cluster.words = text, words
        return cluster

    def _key(self, label: str, text: str) -> str:
        identity = self._places.identity(text) if label == "GPE" else fold(text)
        return identity.replace(".", "")

    def merged(self, parse: Parse, at: Mentioned) -> list[Cluster]:
        """All of them, acronyms joined with the long form they stand for."""
        explained = dict(self._explained(parse))
        initials: dict[str, Cluster] = {}
        for cluster in self._by_key.values():
            if len(cluster.words) > 1:
                initials.setdefault(_initials(cluster.name, self._people.small_words), cluster)
        kept = []
        for cluster in self._by_key.values():
            short = cluster.name.replace(".", "")
            whole = explained.get(short) or initials.get(short)
            if whole is None or whole is cluster or not _is_acronym(short, short in explained):
                kept.append(cluster)
                continue
            _move(cluster, whole, at)
        _find_acronyms(parse, explained, at)
        return self._without_short_forms(parse, kept, at)

    def _without_short_forms(
        self, parse: Parse, clusters: list[Cluster], at: Mentioned
    ) -> list[Cluster]:
        """Organisations, those that go by a part of another's name joined with it: "the Post" of
        "Washington Post", "Fox" of "Fox News"."""
        whole_names: dict[str, list[Cluster]] = {}
        for cluster in clusters:
            if cluster.label == "ORG" and len(cluster.words) > 1:
                for word in dict.fromkeys(cluster.words):
                    whole_names.setdefault(word, []).append(cluster)
        kept = []
        for cluster in clusters:
            fitting = [
                whole
                for whole in whole_names.get(cluster.words[0], ())[:_NAMESAKES]
                if cluster.label == "ORG" and self._is_short(parse, cluster, whole)
            ]
            if len(fitting) == 1:
                _move(cluster, fitting[0], at)
            else:
                kept.append(cluster)
        return kept

    def _is_short(self, parse: Parse, cluster: Cluster, whole: Cluster) -> bool:
        words, length = cluster.words, len(cluster.words)
        if length >= len(whole.words) or not whole.names:
            return False
        if whole.words[-length:] == words:
            first = cluster.names[0][0]
            definite = first > 0 and parse.lower[first - 1] in self._people.determiners
            return length > 1 or (definite and self._people.kinds.get(words[0]) == "ORG")
        rest = whole.words[length:]
        return whole.words[:length] == words and all(
            self._people.kinds.get(word, "") in ("ORG", None) for word in rest
        )

    def _explained(self, parse: Parse) -> Iterator[tuple[str, Cluster]]:
        """Short forms in brackets behind the name they stand for: "Alliance for Rivers (AfR)"."""
        for cluster in self._by_key.values():
            if len(cluster.words) < 2:
                continue
            letters = "".join(word[0] for word in cluster.words)
            for _, last in cluster.names:
                bracketed = last + 3 < len(parse) and parse.word[last + 1] == "("
                if not bracketed or parse.word[last + 3] != ")":
                    continue
                short = parse.word[last + 2].replace(".", "")
                if _SHORT_FORM.match(short) and _stands_for(short, letters):
                    yield short, cluster


def _reads_better(text: str, name: str) -> bool:
    """Whether a name is the same one without capitals throughout, which datelines and headlines
    give it; of few letters, it may be an acronym."""
    shouted = name.isupper() and not text.isupper()
    return shouted and len(text) == len(name) > _LONGEST_SHOUTED_ACRONYM


def _is_acronym(short: str, explained: bool) -> bool:
    return explained or _CAPITALS.match(short) is not None


def _stands_for(short: str, letters: str) -> bool:
    """Whether the capitals of a short form are among a name's initials, in order, the first with
    the first."""
    capitals = [letter.lower() for letter in short if letter.isupper()]
    if len(capitals) < 2 or capitals[0] != letters[0]:
        return False
    rest = iter(letters)
    return all(letter in rest for letter in capitals)


def _find_acronyms(parse: Parse, explained: dict[str, Cluster], at: Mentioned) -> None:
    """Short forms that the text explains, wherever the model passed over them."""
    if not explained:
        return
    for token, word in enumerate(parse.word):
        if token not in at and word.replace(".", "") in explained:
            join(explained[word.replace(".", "")], token, token, at)


def _move(cluster: Cluster, whole: Cluster, at: Mentioned) -> None:
    for first, last in cluster.names:
        join(whole, first, last, at)
    cluster.names = []


def _initials(name: str, small: frozenset[str]) -> str:
    return "".join(word[0].upper() for word in name.split() if word.lower() not in small)
