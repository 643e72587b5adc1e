"""Saved searches: checked when they are kept, listed, taken away."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

import msgspec

from pipeline.errors import ConfigurationError
from pipeline.kafka.ports import SavedSearches
from pipeline.records import SavedSearch
from pipeline.records.saved_search import SECRET_PREFIX, About
from pipeline.search import SearchRequest
from pipeline.search.asked import request_of, words_of

_FOR_STATEMENTS = ("type", "kind", "asserted")
_FOR_ARTICLES = ("stories",)
_ID_CHARS = 64


def slug(name: str) -> str:
    """An id made of a name; ``search`` where nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_ID_CHARS].rstrip("-") or "search"


def made(
    name: str, about: About, asked: Mapping[str, str], now: datetime, **others: object
) -> SavedSearch:
    """A search of that name, as asked in words; ``others`` are fields as they are.

    Raises ValueError for what cannot be searched for, or breaks a law of the record.
    """
    given = {
        "id": slug(name),
        "name": name.strip(),
        "about": about,
        "query": words_of({key: value for key, value in asked.items() if value.strip()}),
        "created_at": now,
    }
    try:
        search = msgspec.convert(msgspec.to_builtins({**given, **others}), SavedSearch)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    request(search, now)
    return search


def request(search: SavedSearch, now: datetime) -> SearchRequest:
    """What a search asks for, its times counted from ``now``. Raises ValueError."""
    foreign = _FOR_STATEMENTS if search.about == "articles" else _FOR_ARTICLES
    unfit = next((name for name in foreign if search.query.get(name)), None)
    if unfit is not None:
        raise ValueError(f"{unfit} is not for a search among {search.about}")
    asked = request_of(search.query, now)
    if not search.query:
        raise ValueError("a saved search needs something to search for")
    return asked


async def save(searches: SavedSearches, search: SavedSearch, now: datetime, *, most: int) -> None:
    """Keep a search, in place of one with its id. Holds for what is indexed from now on.

    Raises ValueError for one that cannot be asked, ConfigurationError over ``most`` of them.
    """
    request(search, now)
    kept = await searches.load()
    if search.id not in kept and len(kept) >= most:
        raise ConfigurationError(
            f"there are {len(kept)} saved searches: remove one, or raise alerts.max_searches"
        )
    await searches.save(search)


async def list_all(searches: SavedSearches) -> list[SavedSearch]:
    """All of them, by id."""
    return [search for _, search in sorted((await searches.load()).items())]


async def remove(searches: SavedSearches, search_id: str, now: datetime) -> bool:
    """Take a search away, with what it has not delivered yet; False where there is none."""
    if search_id not in await searches.load():
        return False
    await searches.remove(search_id, now)
    return True


def secret_of(key: bytes) -> str:
    """A webhook's secret in the form of Standard Webhooks; ``key`` is 24 to 64 random bytes."""
    return SECRET_PREFIX + base64.b64encode(key).decode()
