"""Entities as records."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.enrich.coreference import References
from pipeline.enrich.entities import Cast, Cluster
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import Gazetteer, Place
from pipeline.enrich.speakers import Voice
from pipeline.records import Entity, Mention, Span
from pipeline.records.annotations import MentionKind


def entity_records(
    parse: Parse,
    found: Cast,
    references: References,
    voices: Iterable[Voice | None],
    places: Gazetteer,
) -> tuple[Entity, ...]:
    """The entities of a text in the order of their first mention, each name once; their
    salience is still to be told."""
    mentions = _mentions(parse, found, references, voices)
    countries = frozenset(c.country for c in found.clusters if c.country)
    mentioned = [number for number, ranges in mentions.items() if ranges]
    ordered = sorted(mentioned, key=lambda number: mentions[number][0].span)
    return tuple(
        _entity(
            found.clusters[number],
            mentions[number],
            _place(found.clusters[number], countries, places),
        )
        for number in ordered
    )


def _mentions(
    parse: Parse, found: Cast, references: References, voices: Iterable[Voice | None]
) -> dict[int, list[Mention]]:
    number = {id(cluster): place for place, cluster in enumerate(found.clusters)}
    ranges: dict[int, dict[tuple[int, int], MentionKind]] = {n: {} for n in number.values()}
    for cluster in found.clusters:
        for name in cluster.names:
            ranges[number[id(cluster)]][name] = "name"
    for first, last, cluster in references.nominals:
        ranges[number[id(cluster)]].setdefault((first, last), "nominal")
    for token, cluster in references.pronouns:
        ranges[number[id(cluster)]].setdefault((token, token), "pronoun")
    for voice in voices:
        if voice and isinstance(voice.who, Cluster) and not voice.who.names:
            ranges[number[id(voice.who)]].setdefault((voice.first, voice.last), "nominal")
    return {
        n: [_mention(parse, *r, kind) for r, kind in sorted(found_.items())]
        for n, found_ in ranges.items()
    }


def _mention(parse: Parse, first: int, last: int, kind: MentionKind) -> Mention:
    span = Span(parse.start[first], parse.end[last])
    return Mention(text=span.of(parse.text), span=span, kind=kind)


def _entity(cluster: Cluster, mentions: list[Mention], place: Place | None) -> Entity:
    aliases = dict.fromkeys(m.text for m in mentions if m.kind != "pronoun")
    aliases.pop(cluster.name, None)
    return Entity(
        name=cluster.name,
        type=cluster.label,
        mentions=tuple(mentions),
        roles=tuple(cluster.roles),
        aliases=tuple(aliases),
        country=place.country if place else None,
        location=place.location if place else None,
    )


def _place(cluster: Cluster, countries: frozenset[str], places: Gazetteer) -> Place | None:
    if cluster.label == "GPE":
        return places.find(cluster.name, countries)
    if cluster.label == "NORP":
        country = places.nationality(cluster.name)
        return Place(country) if country else None
    return None
