"""Saved searches: checked when they are kept, listed, taken away."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from pipeline.errors import ConfigurationError
from pipeline.feeds.addresses import is_named
from pipeline.feeds.fetch import FetchFailed, check_literal, checked
from pipeline.kafka.ports import SavedSearches
from pipeline.records import SavedSearch, WaitingSearch, Webhook
from pipeline.records.saved_search import SECRET_PREFIX, SECRET_VARIABLE, About
from pipeline.search import SearchRequest
from pipeline.search.asked import request_of, words_of

_FOR_STATEMENTS = ("type", "kind", "asserted")
_FOR_ARTICLES = ("stories",)
_ID_CHARS = 64
HIDDEN = "hidden"


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
    query = words_of(search.query)
    if not query:
        raise ValueError("a saved search needs something to search for")
    return request_of(query, now)


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


def webhooks_of(
    urls: Sequence[str],
    secret: str | None,
    kept: SavedSearch | None,
    new_secret: Callable[[], str],
    *,
    private_hosts: Collection[str],
) -> tuple[Webhook, ...]:
    """Webhooks to ``urls``: with the variable that ``secret`` names, or without one with what
    ``kept`` has for the same address, else with a new one. All are switched on.

    Raises ValueError for an address that nothing may be posted to, and for a secret that names no
    variable: what is saved here, others can read.
    """
    if secret is not None and not secret.startswith(SECRET_VARIABLE):
        raise ValueError(
            "a secret of your own goes into a variable of the alert worker's environment; name it:"
            f" {SECRET_VARIABLE}NEWS_WEBHOOK_..."
        )
    known = {each.url: each.secret for each in kept.webhooks} if kept else {}
    for url in urls:
        check_address(url, private_hosts)
    return tuple(
        Webhook(url=url, secret=secret or known.get(url) or new_secret())
        for url in dict.fromkeys(urls)
    )


def check_address(url: str, private_hosts: Collection[str]) -> None:
    """Raise ValueError for what is no web address, or names a private one outright that is none of
    ``private_hosts``. What a host's name resolves to is looked at when something is posted."""
    remedy = ""
    try:
        target = checked(url)
        remedy = "; one in your own network is named, with its port, in alerts.private_hosts"
        check_literal(target, allow_private=is_named(target, private_hosts))
    except FetchFailed as failure:
        raise ValueError(f"a webhook goes to {failure}{remedy}") from failure


def shown(search: SavedSearch, waits: WaitingSearch | None = None) -> dict[str, Any]:
    """A search as it may be shown to people: secrets are hidden, variables named. ``waits`` is
    beside it where it cannot be asked."""
    fields: dict[str, Any] = msgspec.to_builtins(search)
    for webhook in fields["webhooks"]:
        if not webhook["secret"].startswith(SECRET_VARIABLE):
            webhook["secret"] = HIDDEN
    return fields if waits is None else fields | {"waits": msgspec.to_builtins(waits)}


def secret_of(key: bytes) -> str:
    """A webhook's secret in the form of Standard Webhooks; ``key`` is 24 to 64 random bytes."""
    return SECRET_PREFIX + base64.b64encode(key).decode()
