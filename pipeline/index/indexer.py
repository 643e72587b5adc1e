"""One batch of enriched articles into the index: ask what is there, decide, write, tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.errors import Rejected
from pipeline.index.archive import Archive
from pipeline.index.bulk import Patience, bulk
from pipeline.index.bulk_outcome import Final, Operation
from pipeline.index.client import Sleep
from pipeline.index.documents import check_times
from pipeline.index.keep import Keeping, joined, to_keep
from pipeline.index.outcome import (
    DUPLICATE,
    EXPIRED,
    REDELIVERED,
    IndexOutcome,
    IndexStatus,
    indexed,
    refused,
    refused_by,
)
from pipeline.index.periods import last_month
from pipeline.index.plan import Candidate, Heal, Stored, candidates, decide
from pipeline.index.prepare import Job, Settled, prepare
from pipeline.index.provision import Provision
from pipeline.index.registry import Located, Registry
from pipeline.index.retention import oldest_kept
from pipeline.index.stories import Member, Story
from pipeline.index.story_desk import StoryDesk, arrivals
from pipeline.index.upkeep import Upkeep
from pipeline.records import EnrichedArticle
from pipeline.settings import IndexSettings


def _now() -> datetime:
    return datetime.now(UTC)


class _Round(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the inputs, by place; the ids that another worker was faster with."""

    outcomes: dict[int, IndexOutcome]
    overtaken: frozenset[str]


class Indexer:
    """Writes batches. See :mod:`plan` for the order of writes and why it is that way.

    ``on_wait`` is called before each repetition during an outage, so that a watchdog sees life.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        settings: IndexSettings,
        on_wait: Callable[[], None],
        *,
        clock: Callable[[], datetime] = _now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._provision = Provision(client, settings)
        self._upkeep = Upkeep(self._provision, on_wait)
        self._patience = Patience(on_wait=self._upkeep.waited, sleep=sleep)
        self._desk = StoryDesk(client, settings, self._patience)
        self._archive = Archive(client, settings, self._patience, self._bulk)
        self._registry = Registry(client, settings, self._patience, self._bulk)

    async def index(self, batch: Sequence[EnrichedArticle]) -> list[IndexOutcome]:
        """One outcome for each input, in order, when all of it is acknowledged by Elasticsearch.

        Waits for as long as an outage lasts. Never raises for an input; can be cancelled and
        repeated at any point. Raises ConfigurationError where the indices were made by a later
        version of the pipeline.
        """
        now = self._clock()
        await self._patience.answered(lambda: self._upkeep.before(now))
        outcomes = _implausible(batch, now)
        numbered = ((place, each) for place, each in enumerate(batch) if place not in outcomes)
        chosen = candidates(numbered)
        again = False
        while chosen:
            ended = await self._round(chosen, now, again=again)
            outcomes |= ended.outcomes
            chosen = {key: chosen[key] for key in ended.overtaken}
            again = True
        await self._patience.answered(self._upkeep.after)
        return [outcomes.get(place, DUPLICATE) for place in range(len(batch))]

    async def _round(
        self, chosen: Mapping[str, Candidate], now: datetime, *, again: bool
    ) -> _Round:
        oldest = oldest_kept(self._settings.retain_months, now)
        first_seen_at = {key: each.first_seen_at for key, each in chosen.items()}
        located = await self._registry.locate(first_seen_at, oldest)
        outcomes = _without_place(chosen, located, oldest)
        placed = {key: each for key, each in chosen.items() if each.position not in outcomes}
        written = await self._write_all(placed, located, now)
        if again:
            written = _written_before(written, placed, located, self._settings.articles)
        positions = {key: each.position for key, each in placed.items()}
        overtaken = frozenset(key for key, place in positions.items() if place not in written)
        return _Round(outcomes=outcomes | written, overtaken=overtaken)

    async def _write_all(
        self, chosen: Mapping[str, Candidate], located: Located, now: datetime
    ) -> dict[int, IndexOutcome]:
        """By place; without those that another worker was faster with."""
        homes, stored = located.homes, located.stored
        decisions = {key: decide(each, stored.get(key), homes[key]) for key, each in chosen.items()}
        filed = await self._desk.file(arrivals(chosen, decisions, stored))
        stories = _stories(stored, filed)
        to_heal = {key: each for key, each in decisions.items() if isinstance(each, Heal)}
        wholes = await self._archive.whole({key: each.place for key, each in to_heal.items()})
        prepared = {
            key: prepare(
                candidate, decisions[key], stories.get(key), self._settings, now, wholes.get(key)
            )
            for key, candidate in chosen.items()
            if key not in to_heal or key in wholes  # what is gone is decided anew
        }
        keep = joined(
            to_keep(
                candidate,
                stored.get(key),
                homes[key],
                decisions[key],
                stories.get(key),
                self._settings,
                now,
            )
            for key, candidate in chosen.items()
            if key in prepared
        )
        outcomes = await self._settle(prepared.values(), keep)
        written = {place for place, each in outcomes.items() if each.status is IndexStatus.INDEXED}
        self._desk.remember(
            member for key, member in filed.items() if chosen[key].position in written
        )
        return outcomes

    async def _settle(
        self, prepared: Iterable[Job | Settled], keep: Keeping
    ) -> dict[int, IndexOutcome]:
        """Keep, write, clean up. Inputs are refused where they, or what they would be written over,
        cannot be kept."""
        refusals = await self._archive.keep(keep.late)
        blocked = await self._archive.keep_indexed(keep.replaced)
        settled = [each for each in prepared if isinstance(each, Settled)]
        jobs = [each for each in prepared if isinstance(each, Job)]
        settled += await self._write([job for job in jobs if job.position not in blocked])
        await self._bulk([operation for each in settled for operation in each.cleanup])
        unkept = {place: refused_by(why) for place, why in (refusals | blocked).items()}
        return {each.position: each.outcome for each in settled} | dict(keep.refused) | unkept

    async def _write(self, jobs: Sequence[Job]) -> list[Settled]:
        """Those that are settled: another worker may have been faster with the others."""
        finals = iter(await self._bulk(list(chain.from_iterable(job.statements for job in jobs))))
        ended = [job.after_statements(list(islice(finals, len(job.statements)))) for job in jobs]
        complete = [job for job, end in zip(jobs, ended, strict=True) if end is None]
        articles = await self._bulk([job.article for job in complete])
        ended += [job.after_article(each) for job, each in zip(complete, articles, strict=True)]
        return [each for each in ended if each is not None]

    async def _bulk(self, operations: Sequence[Operation]) -> list[Final]:
        return await bulk(
            self._client,
            operations,
            max_bytes=self._settings.bulk_max_bytes,
            patience=self._patience,
            provide=self._provision.ensure,
        )


def _stories(stored: Mapping[str, Stored], filed: Mapping[str, Member]) -> dict[str, Story]:
    """By article id. What is written has its story with the bands of it."""
    known = {article_id: each.story for article_id, each in stored.items()}
    return known | {article_id: each.story for article_id, each in filed.items()}


def _implausible(batch: Sequence[EnrichedArticle], now: datetime) -> dict[int, IndexOutcome]:
    """The inputs that must not even be looked up: their times cannot be."""
    outcomes = {}
    for place, enriched in enumerate(batch):
        try:
            check_times(enriched.article, now)
        except Rejected as error:
            outcomes[place] = refused(error.reason, error.detail)
    return outcomes


def _without_place(
    chosen: Mapping[str, Candidate], located: Located, oldest: str | None
) -> dict[int, IndexOutcome]:
    """The inputs of articles that get no home, or have one in a month that retention drops."""
    outcomes: dict[int, IndexOutcome] = {}
    for key, candidate in chosen.items():
        if oldest is not None and last_month(located.homes[key]) < oldest:
            outcomes |= dict.fromkeys(candidate.places, EXPIRED)
        elif key in located.refused:
            outcomes[candidate.position] = refused_by(located.refused[key])
    return outcomes


def _written_before(
    outcomes: Mapping[int, IndexOutcome],
    chosen: Mapping[str, Candidate],
    located: Located,
    alias: str,
) -> dict[int, IndexOutcome]:
    """What is there already after a write that seemed to fail was written by it: its answer was
    lost, and its repetition met itself."""
    indices = {each.position: f"{alias}-{located.homes[key]}" for key, each in chosen.items()}
    return {
        place: indexed(indices[place]) if outcome == REDELIVERED else outcome
        for place, outcome in outcomes.items()
    }
