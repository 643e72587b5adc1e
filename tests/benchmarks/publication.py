"""From publication to searchable, at half of what the line can do: how long articles take that are
published one by one, beside what one batch of them takes alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index.client import connect
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import Article, encode
from pipeline.settings import Settings
from tests.benchmarks.searching import p95
from tests.benchmarks.texts import made_texts
from tests.fakes.records import an_article

_LOOK_SECONDS = 0.02
_LIMIT_SECONDS = 300.0
_BATCHES_ALONE = 3
_STEPS = 5  # towards the size that batches settle at


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """Articles a second at full load; seconds to searchable at half of it, one for each article;
    seconds until a batch, alone, is in the index, searchable or not: a whole one of ``whole``
    articles, and one of ``small``, as they form at half load."""

    full_load: float
    to_searchable: list[float]
    whole: int
    whole_alone: float
    small: int
    small_alone: float
    refresh_interval: float

    @property
    def to_whole(self) -> float:
        """The 95th percentile beside what the refresh interval and a whole batch alone take."""
        return p95(self.to_searchable) / (self.refresh_interval + self.whole_alone)

    @property
    def to_small(self) -> float:
        """The same beside a small batch."""
        return p95(self.to_searchable) / (self.refresh_interval + self.small_alone)


async def publication(settings: Settings, seconds: float) -> Publication:
    """Measure a line that runs on ``settings``; half load is kept up for so long."""
    async with (
        KafkaPublisher(settings.kafka) as publisher,
        connect(settings.elasticsearch) as client,
    ):
        line = _Line(settings, publisher, client)
        await line.indexed(await line.publish(1))  # its models are loaded then
        full_load = await line.full_load()
        arriving = full_load / 2
        whole = settings.enrich.batch_size
        small, small_alone = await line.small_batch(arriving)
        return Publication(
            full_load=full_load,
            to_searchable=await line.half_load(arriving, seconds),
            whole=whole,
            whole_alone=await line.alone(whole),
            small=small,
            small_alone=small_alone,
            refresh_interval=float(settings.index.refresh_interval.removesuffix("s")),
        )


class _Line:
    """Publishes articles, and sees when they are there."""

    def __init__(
        self, settings: Settings, publisher: KafkaPublisher, client: AsyncElasticsearch
    ) -> None:
        self._settings = settings
        self._publisher = publisher
        self._client = client
        self._texts = iter(made_texts(5_000, seed=7))
        self._number = 0

    async def full_load(self) -> float:
        """Articles a second over as many as fill its batches twice."""
        started = time.monotonic()
        count = 2 * self._settings.enrich.batch_size
        await self.indexed(await self.publish(count))
        return count / (time.monotonic() - started)

    async def small_batch(self, rate: float) -> tuple[int, float]:
        """How large batches become at so many articles a second, as many arrive while the one
        before is in hand; and the seconds that one takes alone."""
        count = 1
        for _ in range(_STEPS):
            count = max(1, round(rate * await self.alone(count)))
        return count, await self.alone(count)

    async def alone(self, count: int) -> float:
        """The seconds until so many articles, published together, are in the index while there is
        nothing else."""
        taken = []
        for _ in range(_BATCHES_ALONE):
            started = time.monotonic()
            await self.indexed(await self.publish(count))
            taken.append(time.monotonic() - started)
        return median(taken)

    async def half_load(self, rate: float, seconds: float) -> list[float]:
        """The seconds that each takes, published so many a second."""
        published: dict[str, float] = {}
        taken: list[float] = []
        count = int(rate * seconds)
        publishing = asyncio.create_task(self._publish_evenly(count, rate, published))
        deadline = time.monotonic() + seconds + _LIMIT_SECONDS
        while len(taken) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{count - len(taken)} articles are not searchable")
            found = await self._searchable(list(published))
            now = time.monotonic()
            taken += [now - published.pop(each) for each in found]
            await asyncio.sleep(_LOOK_SECONDS)
        await publishing
        return taken

    async def _publish_evenly(self, count: int, rate: float, published: dict[str, float]) -> None:
        started = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
            at = time.monotonic()
            (each,) = await self.publish(1)
            published[each] = at

    async def publish(self, count: int) -> list[str]:
        """Their ids, when Kafka has acknowledged them."""
        articles = [self._article() for _ in range(count)]
        topic = self._settings.topics.articles
        await self._publisher.publish(
            [Message(topic=topic, key=each.id.encode(), value=encode(each)) for each in articles]
        )
        return [each.id for each in articles]

    def _article(self) -> Article:
        self._number += 1
        now = datetime.now(UTC)
        return an_article(
            url=f"https://publication.example/{self._number}",
            text=next(self._texts),
            first_seen_at=now,
            fetched_at=now,
        )

    async def indexed(self, ids: Sequence[str]) -> None:
        """Return when Elasticsearch has them all, be they searchable or not."""
        for _ in range(int(_LIMIT_SECONDS / _LOOK_SECONDS)):
            index = f"{self._settings.index.articles}-{datetime.now(UTC):%Y.%m}"
            answer = await self._client.mget(index=index, ids=list(ids), source=False)
            if all(each.get("found") for each in answer["docs"]):
                return
            await asyncio.sleep(_LOOK_SECONDS)
        raise TimeoutError("the articles are not in the index")

    async def _searchable(self, ids: Sequence[str]) -> list[str]:
        answer = await self._client.search(
            index=self._settings.index.articles,
            ignore_unavailable=True,
            query={"ids": {"values": list(ids)}},
            size=len(ids),
            source=False,
        )
        return [hit["_id"] for hit in answer["hits"]["hits"]]
