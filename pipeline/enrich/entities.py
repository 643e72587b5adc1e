"""Who and what a text names: mentions of the same person or thing brought together."""

from __future__ import annotations

from collections import Counter

from pipeline.enrich.clusters import Cast, Cluster, Mentioned, join, name_words
from pipeline.enrich.lexicon import People
from pipeline.enrich.name_mention import NameMention
from pipeline.enrich.others import Others
from pipeline.enrich.parse import Parse
from pipeline.enrich.persons import Persons
from pipeline.enrich.places import Gazetteer, fold
from pipeline.enrich.roles import role_after, role_before_comma, roles_before

__all__ = ["Cast", "Cluster", "cast", "describe_people"]

_CLOSING = frozenset({",", ".", "”", '"', ")", ";", "–", "—"})
_OVERRULED = frozenset({"ORG", "GPE", "NORP", "LOC", "FAC", "PRODUCT", "WORK_OF_ART", "EVENT"})


def cast(parse: Parse, mentions: list[NameMention], people: People, places: Gazetteer) -> Cast:
    """Bring the mentions of a text together."""
    texts = {mention: parse.slice(mention.first, mention.last) for mention in mentions}
    persons = Persons(people)
    others = Others(people, places)
    known = persons.introduce(mentions, texts)
    labels = _majority(mentions, texts)
    at: Mentioned = {}
    for mention in mentions:
        text = texts[mention]
        label = labels[fold(text)]
        words = name_words(text, people)
        if label == "PERSON" or (label in _OVERRULED and len(words) == 1 and words[0] in known):
            cluster = persons.place(mention, text, words)
        else:
            cluster = others.place(label, text)
        join(cluster, mention.first, mention.last, at)
    _pass_over(parse, persons, at)
    clusters = _one_for_each_name([*persons.clusters, *others.merged(parse, at)], at)
    for cluster in clusters:
        cluster.names.sort()
    clusters.sort(key=lambda cluster: cluster.names[0])
    index = {id(cluster): number for number, cluster in enumerate(clusters)}
    return Cast(
        clusters=clusters,
        at={token: index[id(cluster)] for token, (cluster, _) in at.items()},
        span_at={token: span for token, (_, span) in at.items()},
    )


def _one_for_each_name(clusters: list[Cluster], at: Mentioned) -> list[Cluster]:
    """Entities with a mention; of several with one name, the most mentioned takes all."""
    kept: dict[str, Cluster] = {}
    for cluster in sorted(clusters, key=lambda cluster: -len(cluster.names)):
        first = kept.setdefault(cluster.name, cluster)
        if first is not cluster:
            for name in cluster.names:
                join(first, *name, at)
    return [cluster for cluster in kept.values() if cluster.names]


def _majority(mentions: list[NameMention], texts: dict[NameMention, str]) -> dict[str, str]:
    """One label for each folded text: the model wavers, the reader does not. The first of equals
    wins."""
    counts: dict[str, Counter[str]] = {}
    for mention in mentions:
        counts.setdefault(fold(texts[mention]), Counter())[mention.label] += 1
    return {text: labels.most_common(1)[0][0] for text, labels in counts.items()}


def _pass_over(parse: Parse, persons: Persons, at: Mentioned) -> None:
    """Surnames the model passed over, mostly where they begin a sentence."""
    surnames = {cluster.words[-1] for cluster in persons.clusters}
    for token, word in enumerate(parse.word):
        if token in at or not word[:1].isupper() or parse.tag[token] not in ("NNP", "NNPS", "NN"):
            continue
        words = (fold(word),)
        if words[0] not in surnames or _is_within_name(parse, token):
            continue
        mention = NameMention(token, token, "PERSON")
        join(persons.place(mention, word, words), token, token, at)


def _is_within_name(parse: Parse, token: int) -> bool:
    """Whether a capitalised word beside it makes this another name: "Novak Street"."""
    following = token + 1 < len(parse) and parse.tag[token + 1] in ("NNP", "NNPS")
    return following and parse.head[token] == token + 1


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
