"""Where the articles of a batch are, or belong from now on, and what is indexed of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.index.bulk import Patience
from pipeline.index.bulk_outcome import Conflict, Final, Operation, Refused
from pipeline.index.documents import month_of
from pipeline.index.homes import Homes, claims, home_doc, months, read_homes
from pipeline.index.lookup import article_doc, articles_in, asked, has_no_index, stored_articles
from pipeline.index.names import homes_index
from pipeline.index.plan import Stored
from pipeline.index.provision import Provision
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
        provision: Provision,
        bulk: Bulk,
    ) -> None:
        self._client = client
        self._settings = settings
        self._patience = patience
        self._provision = provision
        self._bulk = bulk

    async def locate(
        self, first_seen_at: Mapping[str, datetime], oldest_kept: str | None
    ) -> Located:
        """Where these ids are; those that are nowhere get a home in the month they were first seen
        in, unless that is before ``oldest_kept``.

        One request where all are in the month they were first seen in; one more for claims, and two
        where some are elsewhere.
        """
        guesses = {each: month_of(time) for each, time in first_seen_at.items()}
        homes, stored = await self._patience.answered(lambda: self._ask(guesses))
        new = {
            each: month
            for each, month in guesses.items()
            if each not in homes and (oldest_kept is None or month >= oldest_kept)
        }
        finals = dict(zip(new, await self._bulk(claims(self._settings, new)), strict=True))
        lost = [each for each, final in finals.items() if isinstance(final, Conflict)]
        homes = guesses | homes | await self._patience.answered(lambda: self._homes(lost))
        elsewhere = {each: month for each, month in homes.items() if month != guesses[each]}
        stored = {each: what for each, what in stored.items() if each not in elsewhere}
        stored |= await self._patience.answered(lambda: self._articles(elsewhere))
        refused = {each: why for each, why in finals.items() if isinstance(why, Refused)}
        return Located(homes=homes, stored=stored, refused=refused)

    async def _ask(self, guesses: Homes) -> tuple[Homes, dict[str, Stored]]:
        """The homes, and what is indexed where the articles most likely are: one request."""
        alias = self._settings.articles
        wanted = [home_doc(self._settings, each) for each in guesses]
        wanted += [article_doc(alias, each, month) for each, month in guesses.items()]
        answers = await asked(self._client, wanted)
        homes, articles = answers[: len(guesses)], answers[len(guesses) :]
        if any(map(has_no_index, homes)):
            # Without them, every article would seem to be new.
            await self._provision.ensure([homes_index(self._settings.homes)])
            raise ServiceUnavailable("the homes of articles were missing, and are there again")
        there = stored_articles(alias, (each for each in articles if each.get("found")))
        return months(each for each in homes if each.get("found")), there

    async def _homes(self, ids: Sequence[str]) -> Homes:
        """Those that were claimed by somebody else."""
        homes = await read_homes(self._client, self._settings, ids)
        if len(homes) < len(ids):
            raise ServiceUnavailable("a home went away")
        return homes

    async def _articles(self, homes: Homes) -> dict[str, Stored]:
        return await articles_in(self._client, self._settings.articles, homes)
