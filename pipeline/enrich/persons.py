"""People by their names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from pipeline.enrich.clusters import Cluster, name_words
from pipeline.enrich.lexicon import People
from pipeline.enrich.name_mention import NameMention

_NAMESAKES = 50


class Persons:
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
            words = name_words(texts[mention], self._people)
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
