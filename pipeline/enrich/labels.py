"""Names of models that know fewer kinds of them: people, organisations, locations and the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pipeline.enrich.lexicon import People
from pipeline.enrich.parse import Name, Parse
from pipeline.enrich.places import Gazetteer


def with_finer_labels(parse: Parse, people: People, places: Gazetteer) -> Parse:
    """Tell towns and countries (GPE) from other locations, peoples (NORP) from the rest, and leave
    out titles that were taken for organisations ("ministre de la Santé")."""
    finer = [
        (name, label)
        for name in map(partial(_begun_with_name, parse), parse.names)
        if (label := _label(parse, people, places, name)) is not None
    ]
    return replace(parse, names=[replace(name, label=label) for name, label in finer])


def _begun_with_name(parse: Parse, name: Name) -> Name:
    """Without a preposition at its head: "de Brennick"."""
    start = name.start
    while start < name.end - 1 and parse.tag[start] in ("IN", "TO"):
        start += 1
    return replace(name, start=start)


def _label(parse: Parse, people: People, places: Gazetteer, name: Name) -> str | None:
    text = parse.slice(name.start, name.end - 1)
    if all(parse.dep[token] == "npadvmod" for token in range(name.start, name.end)):
        return None
    if name.label == "LOC":
        return "GPE" if places.find(text) or not _has_article(parse, name.start) else "LOC"
    if name.label == "NORP":
        return "NORP" if places.nationality(text) else None
    begins_lower = parse.word[name.start][:1].islower()
    if name.label == "ORG" and begins_lower and parse.lower[name.start] in people.role_nouns:
        return None
    return name.label


def _has_article(parse: Parse, start: int) -> bool:
    """A town has none ("à Lyon"); a river, a region, a square has ("la Loire")."""
    return parse.lower[start] == "the" or (start > 0 and parse.lower[start - 1] == "the")
