"""Second thoughts about who is a person, once the whole text is known."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.enrich.entities import Cast, Cluster
from pipeline.enrich.furniture import find_furniture, lies_within
from pipeline.enrich.lexicon import People
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import Gazetteer, fold

_OFTEN = 3


def settle(
    parse: Parse, cast: Cast, people: People, places: Gazetteer, speakers: Iterable[int]
) -> Cast:
    """The cast without those who are nobody of the story.

    A person of one name, as the model has it, is mostly a town, a company's short name or nothing;
    it stays one with a title, a role or a word of its own (``speakers`` are the heads of those who
    speak), or where it comes often. Who is named in credits and links alone is left out.
    """
    furniture = find_furniture(parse.text, people)
    speaking = {cast.at[token] for token in speakers if token in cast.at}
    companies = _companies(cast)
    fate: dict[int, int] = {}
    for number, cluster in enumerate(cast.clusters):
        if cluster.label != "PERSON":
            continue
        if all(lies_within(furniture, parse.start[first]) for first, _ in cluster.names):
            fate[number] = -1
        elif not (number in speaking or cluster.roles or _has_honorific(parse, cluster, people)):
            fate |= _doubt(number, cluster, people, places, companies)
    return _without(cast, fate)


def _has_honorific(parse: Parse, cluster: Cluster, people: People) -> bool:
    return any(parse.lower[first - 1] in people.honorifics for first, _ in cluster.names if first)


def _companies(cast: Cast) -> dict[str, int]:
    """Organisations of several words, by the first."""
    found: dict[str, int] = {}
    for number, cluster in enumerate(cast.clusters):
        if cluster.label == "ORG" and len(cluster.words) > 1:
            found.setdefault(cluster.words[0], number)
    return found


def _doubt(
    number: int, cluster: Cluster, people: People, places: Gazetteer, companies: dict[str, int]
) -> dict[int, int]:
    """What becomes of it: nothing (-1), the organisation it is short for, or itself, a place."""
    if fold(cluster.name).split()[0] not in people.gender_of_name and places.find(cluster.name):
        cluster.label, cluster.gender = "GPE", None
        cluster.country = places.country(cluster.name)
        return {}
    if len(cluster.words) > 1:
        return {}
    if cluster.words[0] in companies:
        return {number: companies[cluster.words[0]]}
    return {} if len(cluster.names) >= _OFTEN else {number: -1}


def _without(cast: Cast, fate: dict[int, int]) -> Cast:
    if not fate:
        return cast
    kept = [number for number in range(len(cast.clusters)) if number not in fate]
    place = {number: index for index, number in enumerate(kept)}
    for number, other in fate.items():
        if other != -1:
            cast.clusters[other].names = sorted(
                [*cast.clusters[other].names, *cast.clusters[number].names]
            )
            place[number] = place[other]
    at = {token: place[number] for token, number in cast.at.items() if number in place}
    return Cast(
        clusters=[cast.clusters[number] for number in kept],
        at=at,
        span_at={token: span for token, span in cast.span_at.items() if token in at},
    )
