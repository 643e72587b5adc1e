"""Where the articles of a batch are, or belong from now on, and what is indexed of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index.bulk import Patience
from pipeline.index.bulk_outcome import Conflict, Final, Ok, Operation, Refused
from pipeline.index.homes import Homes, claims, read_homes
from pipeline.index.lookup import articles_in
from pipeline.index.periods import last_month, period_of
from pipeline.index.plan import Stored
from pipeline.settings import IndexSettings

Bulk = Callable[[Sequence[Operation]], Awaitable[list[Final]]]


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """By article id: its home, what is indexed there, or why it cannot have a home."""

    homes: Homes
    stored: dict[str, Stored]
    refused: dict[str, Refused]


class Registry:
    """Waits for as long as an outage lasts. ``bulk`` ends only when each has its outcome."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        settings: IndexSettings,
        patience: Patience,
        bulk: Bulk,
    ) -> None:
        self._client = client
        self._settings = settings
        self._patience = patience
        self._bulk = bulk

    async def locate(
        self, first_seen_at: Mapping[str, datetime], oldest_kept: str | None
    ) -> Located:
        """Where these ids are; those that are nowhere get a home in the period they were first
        seen in, unless that ends before ``oldest_kept``.

        One request where all are in the month they were first seen in, since articles are nowhere
        but at home; one more for claims, and two where some are elsewhere.
        """
        guesses = {each: period_of(time) for each, time in first_seen_at.items()}
        stored = await self._articles(guesses)
        missing = {each: month for each, month in guesses.items() if each not in stored}
        new = {
            each: month
            for each, month in missing.items()
            if oldest_kept is None or last_month(month) >= oldest_kept
        }
        finals = dict(zip(new, await self._bulk(claims(self._settings, new)), strict=True))
        # Claimed by somebody else, or not to be claimed.
        asked = [each for each in missing if not isinstance(finals.get(each), Ok | Refused)]
        found = await self._homes(asked)
        if any(isinstance(finals.get(each), Conflict) for each in asked if each not in found):
            # Retention took a home away in between.
            return await self.locate(first_seen_at, oldest_kept)
        homes = guesses | found
        elsewhere = {each: homes[each] for each in asked if homes[each] != guesses[each]}
        stored |= await self._articles(elsewhere)
        refused = {each: why for each, why in finals.items() if isinstance(why, Refused)}
        return Located(homes=homes, stored=stored, refused=refused)

    async def _articles(self, homes: Homes) -> dict[str, Stored]:
        alias = self._settings.articles
        return await self._patience.answered(lambda: articles_in(self._client, alias, homes))

    async def _homes(self, ids: Sequence[str]) -> Homes:
        return await self._patience.answered(lambda: read_homes(self._client, self._settings, ids))
