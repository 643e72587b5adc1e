"""Saved searches and their alerts, as the web application uses them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple

import msgspec

from pipeline.alerts import searches
from pipeline.alerts.derived import WebhookKeys
from pipeline.alerts.log import LoggedAlert
from pipeline.kafka.ports import SavedSearches
from pipeline.records import SavedSearch, WaitingSearch
from pipeline.records.saved_search import About
from pipeline.settings import AlertSettings

Open = Callable[[], AbstractAsyncContextManager[SavedSearches]]
ReadLog = Callable[[int, str | None], Awaitable[list[LoggedAlert]]]
ReadWaiting = Callable[[], Awaitable[dict[str, WaitingSearch]]]


class NewSecret(msgspec.Struct, frozen=True):
    """The secret that a webhook's posts are signed with; told once, when it is made."""

    url: str
    secret: str


class Saved(NamedTuple):
    """A search as it was kept, and the secrets that were made for it."""

    search: SavedSearch
    secrets: list[NewSecret]


class Exists(Exception):
    """There is a search of that name already."""


class AlertDesk:
    """Opens the store of searches for each question. All methods raise ServiceUnavailable when
    Kafka does not answer."""

    def __init__(
        self,
        open_searches: Open,
        read_log: ReadLog,
        read_waiting: ReadWaiting,
        settings: AlertSettings,
        clock: Callable[[], datetime],
        keys: WebhookKeys,
    ) -> None:
        self._open = open_searches
        self._read_log = read_log
        self._read_waiting = read_waiting
        self._settings = settings
        self._clock = clock
        self._keys = keys

    async def list_all(self) -> list[SavedSearch]:
        """All of them, by id."""
        async with self._open() as kept:
            return await searches.list_all(kept)

    async def find(self, search_id: str) -> SavedSearch | None:
        """The search of that id."""
        return next((each for each in await self.list_all() if each.id == search_id), None)

    async def save(
        self,
        name: str,
        about: About,
        asked: Mapping[str, str],
        *,
        webhooks: Sequence[str] = (),
        emails: Sequence[str] = (),
        replace: bool = False,
    ) -> Saved:
        """Keep a search; it is asked of what is indexed from now on.

        Raises ValueError for what cannot be kept, Exists unless it may ``replace``,
        ConfigurationError where there are too many.
        """
        async with self._open() as kept:
            before = (await kept.load()).get(searches.slug(name))
            if before is not None and not replace:
                raise Exists(before.id)
            saved = self._made(name, about, asked, webhooks, emails, before)
            most = self._settings.max_searches
            await searches.save(kept, saved.search, self._clock(), most=most)
        return saved

    async def remove(self, search_id: str) -> bool:
        """Take a search away; False where there is none."""
        async with self._open() as kept:
            return await searches.remove(kept, search_id, self._clock())

    async def waiting(self) -> dict[str, WaitingSearch]:
        """Those that cannot be asked, by id."""
        return await self._read_waiting()

    async def log(self, limit: int, search_id: str | None = None) -> list[LoggedAlert]:
        """The last alerts, of one search or of all, the newest first."""
        return await self._read_log(limit, search_id)

    def _made(
        self,
        name: str,
        about: About,
        asked: Mapping[str, str],
        webhooks: Sequence[str],
        emails: Sequence[str],
        before: SavedSearch | None,
    ) -> Saved:
        made: dict[str, str] = {}

        def new_secret() -> str:
            new = self._keys.new()
            made[new.kept] = new.told
            return new.kept

        private = self._settings.private_hosts
        posted = searches.webhooks_of(webhooks, None, before, new_secret, private_hosts=private)
        kept = {"created_at": before.created_at, "owner": before.owner} if before else {}
        search = searches.made(
            name, about, asked, self._clock(), webhooks=posted, emails=tuple(emails), **kept
        )
        told = [NewSecret(each.url, made[each.secret]) for each in posted if each.secret in made]
        return Saved(search, told)
