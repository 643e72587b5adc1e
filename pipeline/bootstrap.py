"""The only wiring: real clocks, clients and processes are put together here and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from elasticsearch import AsyncElasticsearch

from pipeline import resources
from pipeline.agents.app import build_app
from pipeline.agents.batch import Handler
from pipeline.agents.enrich import EnrichHandler
from pipeline.agents.index import IndexHandler
from pipeline.agents.watchdog import Watchdog, watch
from pipeline.agents.worker import run, stop_on_signals, unless_stopped
from pipeline.enrich import ModelPool, describe, enrich
from pipeline.errors import Rejected
from pipeline.feeds.candidates import FoundFeed
from pipeline.feeds.consumer import FeedConsumer
from pipeline.feeds.discover import Discovery
from pipeline.feeds.documents import Reading
from pipeline.feeds.fetch import Fetcher
from pipeline.feeds.ingest import IngestCounts, ingest
from pipeline.feeds.outbox import Outbox
from pipeline.feeds.parser_pool import ParserPool
from pipeline.feeds.subscriptions import Subscription, load_subscriptions, sample_subscription
from pipeline.index import Indexer
from pipeline.index import client as elasticsearch
from pipeline.index.retention import apply_retention
from pipeline.index.templates import setup as put_templates
from pipeline.kafka.cluster import Cluster, wait_until_ready
from pipeline.kafka.feed_states import KafkaFeedStates
from pipeline.kafka.groups import Role, group_name, source_topic
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import Article, EnrichedArticle
from pipeline.runner.sample_site import sample_site
from pipeline.settings import Settings
from pipeline.stack import control

logger = logging.getLogger(__name__)

Report = Callable[[str], None]


def now() -> datetime:
    """The clock of every process."""
    return datetime.now(UTC)


async def setup(settings: Settings, report: Report) -> tuple[str, ...]:
    """Create topics, templates and aliases; returns the topics created. Waits for both servers."""
    created = await setup_topics(settings, report)
    client = elasticsearch.connect(settings.elasticsearch)
    try:
        await setup_index(settings, client, report)
    finally:
        await client.close()
    return created


def require_kafka(settings: Settings) -> None:
    """Have the topics in place. Raises ServiceUnavailable when Kafka does not answer."""
    with Cluster(settings.kafka) as cluster:
        cluster.create_topics(settings.topics)


async def setup_topics(settings: Settings, report: Report) -> tuple[str, ...]:
    """Create the topics that are missing and return their names. Waits for Kafka."""
    with await wait_until_ready(settings.kafka, report) as cluster:
        return await asyncio.to_thread(cluster.create_topics, settings.topics)


async def setup_index(settings: Settings, client: AsyncElasticsearch, report: Report) -> None:
    """Put templates and aliases in place. Waits for Elasticsearch.

    Raises ConfigurationError when it does not allow that.
    """
    await elasticsearch.wait_until_ready(client, report)
    with elasticsearch.outage_as_error(settings.elasticsearch):
        await put_templates(client, settings.index)


async def run_worker(settings: Settings, role: Role) -> int:
    """One worker of a station, until SIGTERM or a crash; returns the exit code of the process."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    watchdog = Watchdog(settings.workers.stall_seconds, time.monotonic())

    def beat() -> None:
        watchdog.beat(time.monotonic())

    async with AsyncExitStack() as held:
        publisher = await held.enter_async_context(KafkaPublisher(settings.kafka, on_wait=beat))
        wire = {Role.ENRICH: _enrich_handler, Role.INDEX: _index_handler}[role]
        handler = await unless_stopped(stop, wire(settings, publisher, beat, held))
        if handler is None:
            return 0
        app = _app(settings, role, handler, beat)
        _watch(settings, role, watchdog)
        logger.info("%s: reading %s", role, source_topic(settings.topics, role))
        return await run(app, stop)


def _app(settings: Settings, role: Role, handler: Handler, beat: Callable[[], None]) -> Any:
    section = settings.enrich if role is Role.ENRICH else settings.index
    return build_app(
        kafka=settings.kafka,
        workers=settings.workers,
        group=group_name(settings.kafka, role),
        topic=source_topic(settings.topics, role),
        batch_size=section.batch_size,
        batch_wait_seconds=section.batch_wait_seconds,
        handler=handler,
        on_batch=beat,
    )


async def _enrich_handler(
    settings: Settings, publisher: KafkaPublisher, beat: Callable[[], None], held: AsyncExitStack
) -> Handler:
    models = describe(settings.enrich.models)
    await setup_topics(settings, logger.info)
    pool = ModelPool(
        settings.enrich.models,
        processes=settings.enrich.process_count,
        text_timeout=settings.enrich.text_timeout_seconds,
        texts_per_process=settings.enrich.texts_per_process,
        on_progress=beat,
    )
    held.push_async_callback(pool.close)
    await pool.start()

    async def enrichment(
        articles: Sequence[Article], time: datetime
    ) -> Sequence[EnrichedArticle | Rejected]:
        return await enrich(articles, pool.annotate, models, time)

    return EnrichHandler(settings, enrichment, publisher, now)


async def _index_handler(
    settings: Settings, publisher: KafkaPublisher, beat: Callable[[], None], held: AsyncExitStack
) -> Handler:
    client = elasticsearch.connect(settings.elasticsearch)
    held.push_async_callback(client.close)
    await setup_topics(settings, logger.info)
    await setup_index(settings, client, logger.info)
    with elasticsearch.outage_as_error(settings.elasticsearch):
        await apply_retention(client, settings.index, now())
    return IndexHandler(settings, Indexer(client, settings.index, beat), publisher, now)


def followed(settings: Settings, *, sample: bool) -> tuple[Subscription, ...]:
    """The feeds to poll: those of the feeds file, and the sample feed where it is wanted."""
    listed = load_subscriptions(settings.feeds.file)
    return (*listed, sample_subscription(settings)) if sample else listed


async def poll_feeds(settings: Settings, *, once: bool, sample: bool) -> None:
    """Run the feed consumer until SIGTERM, or until each feed was polled once."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    feeds = settings.feeds
    async with AsyncExitStack() as held:
        await setup_topics(settings, logger.info)
        publisher = await held.enter_async_context(KafkaPublisher(settings.kafka))
        fetcher = await held.enter_async_context(Fetcher(feeds))
        parsers = await held.enter_async_context(_parsers(settings))
        states = KafkaFeedStates(settings.kafka, settings.topics.feeds, publisher)
        consumer = FeedConsumer(
            followed(settings, sample=sample), fetcher, parsers, publisher, states, settings, now
        )
        await consumer.run(once=once, stop=stop)


async def discover_feeds(settings: Settings, url: str, seconds: float) -> list[FoundFeed]:
    """The feeds of a site, the most useful first. Raises FetchFailed when it cannot be had."""
    feeds = settings.feeds
    async with Fetcher(feeds) as fetcher, _parsers(settings) as parsers:
        discovery = Discovery(
            fetcher,
            parsers,
            max_bytes=feeds.max_feed_bytes,
            seconds=seconds,
            allow_private=feeds.allow_private_addresses,
        )
        return await discovery.feeds_of(url)


async def ingest_files(
    settings: Settings, files: Sequence[Path], on_file: Callable[[IngestCounts], None]
) -> IngestCounts:
    """Publish the articles of files; ``on_file`` hears the counts so far after each file.

    Waits out an outage of Kafka. What cannot be read is a dead letter.
    """
    async with KafkaPublisher(settings.kafka) as publisher, _parsers(settings) as parsers:
        outbox = Outbox(publisher, settings)
        return await ingest(files, _reading(settings, parsers), outbox, on_file)


def _parsers(settings: Settings) -> ParserPool:
    return ParserPool(
        processes=min(settings.feeds.concurrency, os.cpu_count() or 1),
        timeout_seconds=settings.feeds.page_timeout_seconds,
        min_article_chars=settings.feeds.min_article_chars,
    )


def _reading(settings: Settings, parsers: ParserPool) -> Reading:
    return Reading(
        extract=lambda data: parsers.submit_page(data, url=None).result(),
        now=now(),
        max_bytes=settings.feeds.max_page_bytes,
        max_chars=settings.enrich.max_text_chars,
    )


def _watch(settings: Settings, role: Role, watchdog: Watchdog) -> None:
    """Watch until the end of the process, and with a connection that lasts as long."""
    cluster = Cluster(settings.kafka)
    group, topic = group_name(settings.kafka, role), source_topic(settings.topics, role)
    watch(watchdog, lambda: cluster.lag(group, topic), settings.workers.stall_seconds)


@contextmanager
def line_environment(settings: Settings, report: Report) -> Iterator[Path]:
    """All that a whole line needs around it: servers, topics, sample site, a folder for counts.

    Yields the folder. What was started for it is stopped at the end; what ran before goes on.
    """
    with ExitStack() as held:
        if control.uses_local_servers(settings):
            held.enter_context(control.running(settings, report))
        asyncio.run(setup(settings, report))
        if settings.sample.enabled:
            held.enter_context(sample_site(resources.sample_folder(), settings.sample.port))
        counts = TemporaryDirectory(prefix="news-pipeline-", ignore_cleanup_errors=True)
        yield Path(held.enter_context(counts))
