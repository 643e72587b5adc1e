"""Mends what a check found: what is missing goes through the line again, from the topics.

Each step can be broken off and repeated: a message that comes twice is known by its id. What no
topic holds any more is not touched: it stays where it is, and in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import partial
from itertools import chain

from elasticsearch import AsyncElasticsearch

from pipeline.background import chunks_in_background, in_background
from pipeline.check.misfits import take_out
from pipeline.check.produced import enriched_article
from pipeline.check.report import Kind, Wrong
from pipeline.index.bulk import Patience
from pipeline.index.doubles import heal_doubles
from pipeline.index.mend import heal_clocks, rebuild
from pipeline.kafka.history import Past, read_history
from pipeline.kafka.ports import Message, Publisher
from pipeline.settings import Settings

Say = Callable[[str], None]

_AT_ONCE = 500
_SENT_AGAIN = (Kind.STALE, Kind.STATEMENTS, Kind.REVISIONS)


class Repair:
    """Mends, and says what it does. Raises as the clients do; waits out an outage where it
    writes."""

    def __init__(
        self,
        settings: Settings,
        client: AsyncElasticsearch,
        publisher: Publisher,
        clock: Callable[[], datetime],
        say: Say,
    ) -> None:
        self._settings = settings
        self._client = client
        self._publisher = publisher
        self._clock = clock
        self._say = say
        self._patience = Patience(on_wait=lambda: None)

    async def mend(self, wrong: Wrong) -> None:
        """Mend what can be mended: first what stands in the index, then what is missing there."""
        index = self._settings.index
        for name in sorted(wrong.get(Kind.INDICES, ())):
            count = await rebuild(self._client, index, name)
            self._say(f"{name} was made anew, with its {count:,} documents")
        if wrong.get(Kind.FUTURE):
            count = await heal_clocks(self._client, index, self._clock())
            self._say(f"{count:,} documents from the future got the time they were indexed at")
        if astray := wrong.get(Kind.DOUBLE, frozenset()) | wrong.get(Kind.HOMES, frozenset()):
            count = await heal_doubles(self._client, index, sorted(astray))
            self._say(f"{count:,} articles are at their one home again")
        await self._take_out(wrong.get(Kind.STATEMENTS, frozenset()))
        ids = frozenset(chain.from_iterable(wrong.get(kind, ()) for kind in _SENT_AGAIN))
        await self._send_again(wrong.get(Kind.LOST, frozenset()), ids)

    async def _take_out(self, ids: Collection[str]) -> None:
        if not ids:
            return
        best = await in_background(partial(_best_in_topic, self._settings, ids))
        index = self._settings.index
        taken = await take_out(self._client, index, self._patience, ids, best)
        self._say(f"{taken:,} documents that did not fit together were taken out of the index")

    async def _send_again(self, lost: Collection[str], ids: Collection[str]) -> None:
        """What is lost, and all versions of these articles."""
        sent = 0
        again = _messages(self._settings, lost, ids)
        async for messages in chunks_in_background(again, _AT_ONCE):
            await self._publisher.publish(messages)
            sent += len(messages)
        self._say(f"{sent:,} messages were sent through the line again")


def _best_in_topic(settings: Settings, ids: Collection[str]) -> dict[str, int]:
    """Of those ``ids`` that the topic of enriched articles still holds, the highest standing."""
    best: dict[str, int] = {}
    for past in read_history(settings.kafka, settings.topics.enriched):
        article = enriched_article(past)
        if article is not None and article.id in ids:
            best[article.id] = max(article.standing, best.get(article.id, 0))
    return best


def _messages(settings: Settings, lost: Collection[str], ids: Collection[str]) -> Iterator[Message]:
    """Up to the ends that the topics have when each is begun: not what is sent meanwhile."""
    topics = settings.topics
    for topic in (topics.articles, topics.backfill, topics.enriched):
        of_articles = ids if topic == topics.enriched else ()
        if not of_articles and not any(place.startswith(f"{topic}/") for place in lost):
            continue
        for past in read_history(settings.kafka, topic):
            if past.place in lost or (of_articles and _is_of(past, of_articles)):
                key = past.key or b""
                yield Message(topic=topic, key=key, value=past.value, headers=past.headers)


def _is_of(past: Past, ids: Collection[str]) -> bool:
    article = enriched_article(past)
    return article is not None and article.id in ids
