"""One batch of enriched articles into the index: ask what is there, decide, write, tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

from elasticsearch import AsyncElasticsearch

from pipeline.errors import Rejected
from pipeline.index.archive import Archive
from pipeline.index.bulk import Patience, bulk
from pipeline.index.bulk_outcome import Final, Operation
from pipeline.index.client import Sleep
from pipeline.index.documents import check_first_seen
from pipeline.index.keep import Keeping, joined, to_keep
from pipeline.index.lookup import stored_articles
from pipeline.index.outcome import DUPLICATE, IndexOutcome, IndexStatus, refused
from pipeline.index.plan import Candidate, Stored, candidates, decide
from pipeline.index.prepare import Job, Settled, prepare
from pipeline.index.stories import Member, Story
from pipeline.index.story_desk import StoryDesk, arrivals
from pipeline.records import EnrichedArticle
from pipeline.settings import IndexSettings


def _now() -> datetime:
    return datetime.now(UTC)


class Indexer:
    """Writes batches. See :mod:`plan` for the order of writes and why it is that way.

    ``on_wait`` is called before each repetition during an outage, so that a watchdog sees life.
    The templates must be in place (``templates.setup``).
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
        self._patience = Patience(on_wait=on_wait, sleep=sleep)
        self._desk = StoryDesk(client, settings, self._patience)
        self._archive = Archive(client, settings, self._patience, self._bulk)

    async def index(self, batch: Sequence[EnrichedArticle]) -> list[IndexOutcome]:
        """One outcome for each input, in order, when all of it is acknowledged by Elasticsearch.

        Waits for as long as an outage lasts. Never raises for an input; can be cancelled and
        repeated at any point.
        """
        now = self._clock()
        outcomes = _implausible(batch, now)
        numbered = ((place, each) for place, each in enumerate(batch) if place not in outcomes)
        chosen = candidates(numbered)
        stored = await self._stored(chosen)
        decisions = {key: decide(each, stored.get(key)) for key, each in chosen.items()}
        filed = await self._desk.file(arrivals(chosen, decisions, stored))
        stories = _stories(stored, filed)
        prepared = {
            key: prepare(candidate, decisions[key], stories.get(key), self._settings, now)
            for key, candidate in chosen.items()
        }
        keep = joined(
            to_keep(
                candidate, stored.get(key), prepared[key], stories.get(key), self._settings, now
            )
            for key, candidate in chosen.items()
        )
        settled, not_kept = await self._settle(prepared.values(), keep)
        outcomes |= {each.position: each.outcome for each in settled}
        outcomes |= not_kept
        written = {place for place, each in outcomes.items() if each.status is IndexStatus.INDEXED}
        self._desk.remember(
            member for key, member in filed.items() if chosen[key].position in written
        )
        return [outcomes.get(place, DUPLICATE) for place in range(len(batch))]

    async def _stored(self, chosen: Mapping[str, Candidate]) -> dict[str, Stored]:
        first_seen_at = {article_id: each.first_seen_at for article_id, each in chosen.items()}
        alias = self._settings.articles
        return await self._patience.answered(
            lambda: stored_articles(self._client, alias, first_seen_at)
        )

    async def _settle(
        self, prepared: Iterable[Job | Settled], keep: Keeping
    ) -> tuple[list[Settled], dict[int, IndexOutcome]]:
        """Keep, write, keep what met something newer, clean up. Also returns the inputs that are
        refused because they, or what they would be written over, cannot be kept."""
        refusals = await self._archive.keep(keep.late)
        blocked = await self._archive.keep_indexed(keep.replaced)
        settled = [each for each in prepared if isinstance(each, Settled)]
        jobs = [each for each in prepared if isinstance(each, Job)]
        settled += await self._write([job for job in jobs if job.position not in blocked])
        refusals |= blocked
        refusals |= await self._archive.keep([each.late for each in settled if each.late])
        await self._bulk([operation for each in settled for operation in each.cleanup])
        unkept = {place: refused(why.reason, why.detail) for place, why in refusals.items()}
        return settled, {**keep.refused, **unkept}

    async def _write(self, jobs: Sequence[Job]) -> list[Settled]:
        finals = iter(await self._bulk(list(chain.from_iterable(job.statements for job in jobs))))
        ended = [job.after_statements(list(islice(finals, len(job.statements)))) for job in jobs]
        complete = [job for job, end in zip(jobs, ended, strict=True) if end is None]
        articles = await self._bulk([job.article for job in complete])
        written = [job.after_article(each) for job, each in zip(complete, articles, strict=True)]
        return written + [end for end in ended if end is not None]

    async def _bulk(self, operations: Sequence[Operation]) -> list[Final]:
        return await bulk(
            self._client,
            operations,
            max_bytes=self._settings.bulk_max_bytes,
            patience=self._patience,
        )


def _stories(stored: Mapping[str, Stored], filed: Mapping[str, Member]) -> dict[str, Story]:
    """By article id. What is written has its story with the bands of it."""
    known = {article_id: each.story for article_id, each in stored.items()}
    return known | {article_id: each.story for article_id, each in filed.items()}


def _implausible(batch: Sequence[EnrichedArticle], now: datetime) -> dict[int, IndexOutcome]:
    """The inputs that must not even be looked up: their time names no month worth an index."""
    outcomes = {}
    for place, enriched in enumerate(batch):
        try:
            check_first_seen(enriched, now)
        except Rejected as error:
            outcomes[place] = refused(error.reason, error.detail)
    return outcomes
