"""Finds the story of each article of a batch that is about to be written.

Elasticsearch is the memory that all workers share; what this process wrote a moment ago, and a
search does not find yet, it knows by itself. An article that is indexed keeps its story, whatever
is found now: a correction, a repetition and a backlog read in another order change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index.bulk import Patience
from pipeline.index.plan import Candidate, Decision, Stored, Write
from pipeline.index.sketch import sketch
from pipeline.index.stories import Member, Newcomer, Recent, Story, assign, kept, member, merged
from pipeline.index.story_lookup import earlier_members
from pipeline.records import EnrichedArticle
from pipeline.settings import IndexSettings

REMEMBERED = 1_000
"""Articles, at 3 KB each: five batches, which take longer than the second until a search finds
them."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """An article to be written, and the story it has already."""

    enriched: EnrichedArticle
    write: Write
    story: Story | None


def arrivals(
    chosen: Mapping[str, Candidate],
    decisions: Mapping[str, Decision],
    stored: Mapping[str, Stored],
) -> list[Arrival]:
    """Those of a batch that are written."""
    return [
        Arrival(
            enriched=chosen[key].newest,
            write=decision,
            story=stored[key].story if key in stored else None,
        )
        for key, decision in decisions.items()
        if isinstance(decision, Write)
    ]


class StoryDesk:
    """Asks once for a batch; waits for as long as an outage lasts."""

    def __init__(
        self, client: AsyncElasticsearch, settings: IndexSettings, patience: Patience
    ) -> None:
        self._client = client
        self._alias = settings.articles
        self._window = timedelta(days=settings.story_days)
        self._patience = patience
        self._recent = Recent(REMEMBERED)

    async def file(self, arrivals: Sequence[Arrival]) -> dict[str, Member]:
        """Each arrival with its story, by article id."""
        # In a thread: sketches of the longest texts take a second for a batch.
        newcomers = await asyncio.to_thread(_newcomers, arrivals)
        stayed = [
            member(each, kept(arrival.story, each.sketch))
            for arrival, each in zip(arrivals, newcomers, strict=True)
            if arrival.story is not None
        ]
        at_home = {each.article_id for each in stayed}
        strangers = [each for each in newcomers if each.article_id not in at_home]
        known = merged(await self._earlier(strangers), self._recent.members, stayed)
        stories = assign(strangers, known, self._window)
        settled = [member(each, stories[each.article_id]) for each in strangers]
        return {each.article_id: each for each in (*stayed, *settled)}

    def remember(self, members: Iterable[Member]) -> None:
        """These were indexed just now."""
        self._recent.add(members)

    async def _earlier(self, strangers: Sequence[Newcomer]) -> list[Member]:
        return await self._patience.answered(
            lambda: earlier_members(self._client, self._alias, strangers, self._window)
        )


def _newcomers(arrivals: Sequence[Arrival]) -> list[Newcomer]:
    return [
        Newcomer(
            article_id=each.enriched.article.id,
            text_id=each.enriched.story_id,
            first_seen_at=each.write.first_seen_at,
            sketch=sketch(each.enriched.article.text),
        )
        for each in arrivals
    ]
