"""The only wiring: real clocks, clients and processes are put together here and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from elasticsearch import AsyncElasticsearch
from prometheus_client import REGISTRY

from pipeline import resources
from pipeline.agents.alert import AlertHandler, Searches
from pipeline.agents.app import Owner, build_app
from pipeline.agents.backlog import Backlog
from pipeline.agents.batch import Handler
from pipeline.agents.deliver import DeliveryHandler
from pipeline.agents.enrich import EnrichHandler
from pipeline.agents.gate import Clocks, Gate
from pipeline.agents.index import IndexHandler
from pipeline.agents.lanes import Lane, RightOfWay
from pipeline.agents.new_alerts import NewAlerts
from pipeline.agents.tenure import Tenure
from pipeline.agents.watchdog import watch_beats, watch_lag
from pipeline.agents.worker import Companion, beside_all, run_all, told_to_stop, unless_stopped
from pipeline.alerts import searches
from pipeline.alerts.book import DeliveryBook
from pipeline.alerts.channels import Channels
from pipeline.alerts.courier import Courier
from pipeline.alerts.derived import WebhookKeys, master_key
from pipeline.alerts.known import KnownSearches, KnownWaiting, Ledger
from pipeline.alerts.log import LoggedAlert, read_log
from pipeline.alerts.matcher import Matcher
from pipeline.alerts.waiting import first_of_each
from pipeline.background import in_background
from pipeline.check import report as check
from pipeline.check.checker import Checker
from pipeline.check.repair import Repair
from pipeline.enrich import ModelPool, describe, enrich
from pipeline.errors import Rejected
from pipeline.feeds.candidates import FoundFeed
from pipeline.feeds.consumer import FeedConsumer
from pipeline.feeds.discover import Discovery
from pipeline.feeds.entry_reader import EntryReader
from pipeline.feeds.fetch import Fetcher
from pipeline.feeds.ingest import Ingest, IngestCounts
from pipeline.feeds.outbox import Outbox
from pipeline.feeds.parsed import Page, RawPage
from pipeline.feeds.parser_pool import ParserPool
from pipeline.feeds.poll import Poller, PollOutcome
from pipeline.feeds.reads import Reading
from pipeline.feeds.robots import RobotsCache, agent_name
from pipeline.feeds.shelf import Shelf
from pipeline.feeds.status import FeedStatus, feed_statuses
from pipeline.feeds.subscriber import Subscriber
from pipeline.feeds.subscriptions import (
    FeedsFile,
    Subscription,
    load_subscriptions,
    sample_subscription,
)
from pipeline.health import Reporter, reporting
from pipeline.index import Indexer
from pipeline.index import client as elasticsearch
from pipeline.index.bulk import Patience
from pipeline.index.provision import Provision
from pipeline.index.provision import setup as put_templates
from pipeline.index.retention import apply_retention
from pipeline.index.shards import Shards, count_shards
from pipeline.kafka.admission import require_rights
from pipeline.kafka.cluster import Cluster, LagMeter, create_topics, waited_for
from pipeline.kafka.compacted import read_newest
from pipeline.kafka.feed_share import KafkaFeedShare
from pipeline.kafka.feed_states import KafkaFeedStates, read_feed_states
from pipeline.kafka.groups import Role, Source, sources
from pipeline.kafka.held import read_held
from pipeline.kafka.pieces import KafkaPieces
from pipeline.kafka.ports import SavedSearches
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.rights import Process, feeds_group
from pipeline.kafka.states import (
    INGEST_STATES,
    SAVED_SEARCHES,
    WAITING_SEARCHES,
    KafkaStates,
)
from pipeline.kafka.tail import KafkaTail
from pipeline.letters.desk import LetterDesk, Topic
from pipeline.records import (
    Article,
    EnrichedArticle,
    HeldStation,
    SavedSearch,
    Stage,
    WaitingSearch,
)
from pipeline.runner.line import measure_lags
from pipeline.runner.sample_site import sample_site
from pipeline.search.asking import MOST_BYTES
from pipeline.search.library import Library
from pipeline.settings import AlertSettings, EnrichSettings, IndexSettings, Settings
from pipeline.stack import control
from pipeline.telemetry.tracing import open_tracer
from pipeline.web.alert_desk import AlertDesk
from pipeline.web.app import build_web
from pipeline.web.kafka_health import KafkaHealth
from pipeline.web.server import listening_socket, serve

logger = logging.getLogger(__name__)

# So many pages for each parser wait to be extracted, or for an earlier one that takes longer.
_PAGES_AHEAD = 8
# Requests to Kafka that are answered late may take so long without a beat.
_KAFKA_SECONDS = 60.0

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
    create_topics(settings.kafka, settings.topics)


async def setup_topics(
    settings: Settings, report: Report, on_wait: Callable[[], None] = lambda: None
) -> tuple[str, ...]:
    """Create the topics that are missing and return their names. Waits for Kafka."""
    create = partial(in_background, partial(create_topics, settings.kafka, settings.topics))
    return await waited_for(create, report, on_wait=on_wait)


async def _require_rights(
    settings: Settings, process: Process, on_wait: Callable[[], None] = lambda: None
) -> None:
    """Waits for Kafka. Raises ConfigurationError that names the rights that its user lacks."""
    ask = partial(require_rights, settings.kafka, settings.topics, process)
    await waited_for(partial(in_background, ask), logger.info, on_wait=on_wait)


async def _topic_ids(meters: Iterable[LagMeter], on_wait: Callable[[], None]) -> list[str]:
    """What Kafka gave the topics that are read when they were made. Waits for Kafka."""

    def ask() -> list[str]:
        return [meter.topic_id() for meter in meters]

    return await waited_for(partial(in_background, ask), logger.info, on_wait=on_wait)


async def setup_index(settings: Settings, client: AsyncElasticsearch, report: Report) -> None:
    """Put templates and aliases in place. Waits for Elasticsearch.

    Raises ConfigurationError when it does not allow that.
    """
    await elasticsearch.wait_until_ready(client, report)
    with elasticsearch.outage_as_error(settings.elasticsearch):
        await put_templates(client, settings.index)


async def put_roles(settings: Settings, roles: Mapping[str, Mapping[str, Any]]) -> None:
    """Put roles in place, by name. Raises ConfigurationError where that is not allowed, or the
    cluster has no security; ServiceUnavailable when it does not answer."""
    async with elasticsearch.connect(settings.elasticsearch) as client:
        with elasticsearch.outage_as_error(settings.elasticsearch):
            for name, role in roles.items():
                await elasticsearch.put_role(client, name, role)


async def run_worker(settings: Settings, role: Role) -> int:
    """One worker of a station, until SIGTERM or a crash; returns the exit code of the process."""
    async with told_to_stop(settings.workers.stall_seconds) as stop:
        return await _run_worker(settings, role, stop)


async def _run_worker(settings: Settings, role: Role, stop: asyncio.Event) -> int:
    lanes: dict[Source, Lane] = {}
    beats: list[Callable[[], None]] = []

    def beat() -> None:
        for lane in lanes.values():
            lane.beat()
        for each in beats:
            each()

    async with AsyncExitStack() as held:
        publisher = await held.enter_async_context(KafkaPublisher(settings.kafka, on_wait=beat))
        await _report_health(settings, role, held)
        wire = {
            Role.ENRICH: _enrich_station,
            Role.INDEX: _index_station,
            Role.ALERT: _alert_station,
        }[role]
        station = await unless_stopped(stop, wire(settings, publisher, beat, held))
        if station is None:
            return 0
        await unless_stopped(stop, _require_rights(settings, Process(role), beat))
        meters = {
            source: LagMeter(settings.kafka, source)
            for source in sources(settings.kafka, settings.topics, role)
        }
        ids = await unless_stopped(stop, _topic_ids(meters.values(), beat))
        if ids is None:
            return 0
        lanes |= {
            source: Lane(handler, settings.workers.stall_seconds, topic_id)
            for source, handler, topic_id in zip(meters, station.handlers, ids, strict=True)
        }
        apps = [_app(settings, role, source, lane, station) for source, lane in lanes.items()]
        for source, lane in lanes.items():
            watch_lag(lane.watchdog, meters[source], settings.workers.stall_seconds)
            logger.info("%s: reading %s", role, source.topic)
        beats += station.beats
        async with beside_all(station.companions, stop) as ended:
            return await run_all(apps, ended)


async def _report_health(settings: Settings, station: str, held: AsyncExitStack) -> Reporter | None:
    """Write how this process is doing, for as long as ``held``, where that is wanted."""
    if settings.health.interval_seconds == 0:
        return None
    client = elasticsearch.connect(settings.elasticsearch)
    reporter = Reporter(
        client,
        settings.index.health,
        station,
        counters=REGISTRY.collect,
        lags=lambda: _lags(settings),
        clock=now,
        provide=Provision(client, settings.index).ensure,
    )
    return await held.enter_async_context(
        reporting(reporter, settings.health.interval_seconds, client.close)
    )


def _lags(settings: Settings) -> dict[str, int]:
    with Cluster(settings.kafka) as cluster:
        return msgspec.structs.asdict(measure_lags(cluster, settings))


class _Station(NamedTuple):
    """The handlers of a station's topics, who hears of their partitions, what works beside them;
    ``beats`` hear that an outage is waited out."""

    handlers: Sequence[Handler]
    owners: Mapping[str, Sequence[Owner]] = {}
    companions: Sequence[Companion] = ()
    beats: Sequence[Callable[[], None]] = ()


def _app(settings: Settings, role: Role, source: Source, lane: Lane, station: _Station) -> Any:
    sections: dict[Role, EnrichSettings | IndexSettings | AlertSettings] = {
        Role.ENRICH: settings.enrich,
        Role.INDEX: settings.index,
        Role.ALERT: settings.alerts,
    }
    section = sections[role]
    archived = source.topic == settings.topics.backfill
    return build_app(
        kafka=settings.kafka,
        workers=settings.workers,
        group=source.group,
        topic=source.topic,
        batch_size=settings.enrich.backfill_batch_size if archived else section.batch_size,
        batch_wait_seconds=section.batch_wait_seconds,
        handler=lane,
        on_batch=lane.acknowledged,
        topic_id=lane.watchdog.topic_id,
        owners=station.owners.get(source.topic, ()),
    )


async def _enrich_station(
    settings: Settings, publisher: KafkaPublisher, beat: Callable[[], None], held: AsyncExitStack
) -> _Station:
    """Live news has the right of way over archives."""
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

    tracer = open_tracer(settings.tracing, Role.ENRICH, held)
    way, clocks = RightOfWay(), Clocks(now)
    gates = (
        Gate(Stage.ENRICH, settings, publisher, clocks, beat=beat, resting=way.resting),
        Gate(Stage.ENRICH, settings, publisher, clocks, beat=beat),
    )
    live, backfill = (
        EnrichHandler(settings, enrichment, publisher, now, gate, tracer) for gate in gates
    )
    return _Station((way.live(live), way.backfill(backfill)))


async def _index_station(
    settings: Settings, publisher: KafkaPublisher, beat: Callable[[], None], held: AsyncExitStack
) -> _Station:
    client = elasticsearch.connect(settings.elasticsearch)
    held.push_async_callback(client.close)
    await setup_topics(settings, logger.info)
    await setup_index(settings, client, logger.info)
    with elasticsearch.outage_as_error(settings.elasticsearch):
        await apply_retention(client, settings.index, now())
    tracer = open_tracer(settings.tracing, Role.INDEX, held)
    indexer = Indexer(client, settings.index, beat)
    gate = Gate(Stage.INDEX, settings, publisher, Clocks(now), beat=beat)
    return _Station((IndexHandler(settings, indexer, publisher, now, gate, tracer),))


async def _alert_station(
    settings: Settings, publisher: KafkaPublisher, beat: Callable[[], None], held: AsyncExitStack
) -> _Station:
    client = elasticsearch.connect(settings.elasticsearch)
    held.push_async_callback(client.close)
    await setup_topics(settings, logger.info)
    topics = settings.topics
    tails = [
        await held.enter_async_context(KafkaTail(settings.kafka, topic, on_wait=beat))
        for topic in (topics.searches, topics.alerts, topics.deliveries, topics.waiting)
    ]
    notices = await held.enter_async_context(
        KafkaPieces(settings.kafka, topics.indexed, on_wait=beat)
    )
    known, ledger, book = KnownSearches(tails[0]), Ledger(tails[1]), DeliveryBook(tails[2])
    for each in (ledger, book):
        held.callback(each.close)
    matcher = Matcher(client, settings.index, Patience(on_wait=beat))
    searches = Searches(
        known,
        KnownWaiting(tails[3]),
        matcher,
        NewAlerts(ledger, publisher, topics.alerts),
        asyncio.Lock(),
    )
    channels = await held.enter_async_context(
        Channels(settings.alerts, now, webhook_keys(settings))
    )
    courier = Courier(settings, book, known, channels, publisher, now)
    finding, planning = Tenure(), Tenure()
    tracer = open_tracer(settings.tracing, Role.ALERT, held)
    gates = [Gate(Stage.ALERT, settings, publisher, Clocks(now), beat=beat) for _ in range(2)]
    handlers = (
        AlertHandler(settings, searches, publisher, now, finding, gates[0], tracer),
        DeliveryHandler(settings, known, book, publisher, now, courier.wake, planning, gates[1]),
    )
    backlog = Backlog(settings, searches, notices, publisher, now, finding)
    owners: dict[str, Sequence[Owner]] = {
        topics.indexed: (finding, backlog),
        topics.alerts: (planning, courier),
    }
    return _Station(handlers, owners, (courier, backlog), [_watch_courier(settings, courier)])


def followed(settings: Settings, *, sample: bool) -> tuple[Subscription, ...]:
    """The feeds to poll: those of the feeds file, and the sample feed where it is wanted."""
    listed = load_subscriptions(settings.feeds.file)
    return (*listed, sample_subscription(settings)) if sample else listed


async def poll_feeds(settings: Settings, *, once: bool, sample: bool) -> None:
    """Run the feed consumer until SIGTERM, or until each feed was polled once."""
    async with told_to_stop(settings.workers.stall_seconds) as stop:
        await unless_stopped(stop, _poll_feeds(settings, once=once, sample=sample))


async def _poll_feeds(settings: Settings, *, once: bool, sample: bool) -> None:
    feeds = settings.feeds
    async with AsyncExitStack() as held:
        await setup_topics(settings, logger.info)
        await _require_rights(settings, Process.FEEDS)
        publisher = await held.enter_async_context(KafkaPublisher(settings.kafka))
        fetcher = await held.enter_async_context(Fetcher(feeds))
        parsers = await held.enter_async_context(_parsers(settings))
        states = KafkaFeedStates(settings.kafka, settings.topics.feeds, publisher)
        shelf = held.enter_context(Shelf())
        robots = RobotsCache(fetcher, agent_name(feeds.user_agent))
        reader = EntryReader(fetcher, parsers, robots, feeds, now)
        tracer = open_tracer(settings.tracing, "feeds", held)
        poller = Poller(reader, publisher, settings, now, shelf.articles, tracer=tracer)
        file = FeedsFile(feeds.file)
        hubs = await _hubs(settings, fetcher, held) if not once else None
        health = await _report_health(settings, "feeds", held)

        def heard(polled: PollOutcome) -> None:
            for listener in (hubs, health):
                if listener is not None:
                    listener.heard(polled)

        consumer = FeedConsumer(
            followed(settings, sample=sample),
            poller,
            shelf.states,
            shelf.articles,
            now,
            concurrency=feeds.concurrency,
            per_host=feeds.polls_per_host,
            reload=lambda: followed(settings, sample=sample) if file.has_changed() else None,
            told_wait=hubs.wait if hubs else lambda _: timedelta(0),
            on_poll=heard,
        )
        if hubs is not None:
            hubs.on_news = consumer.poll_soon
        share = _share(settings, publisher)
        await (consumer.poll_once(states) if once else consumer.follow(share))


async def _hubs(settings: Settings, fetcher: Fetcher, held: AsyncExitStack) -> Subscriber | None:
    """The WebSub subscriber, where hubs can reach us."""
    if settings.feeds.websub_callback_url is None:
        return None
    return await held.enter_async_context(Subscriber(settings.feeds, fetcher, now))


def feed_status(settings: Settings) -> list[FeedStatus]:
    """How each feed is doing. Raises ServiceUnavailable when Kafka does not answer."""
    require_kafka(settings)
    feeds = followed(settings, sample=settings.sample.enabled)
    return feed_statuses(feeds, read_feed_states(settings.kafka, settings.topics.feeds))


async def serve_web(settings: Settings) -> None:
    """The HTTP API and the web page, until SIGTERM. Raises MissingPrerequisite where the address is
    taken."""
    listening = listening_socket(settings.api)
    async with (
        told_to_stop(settings.workers.stall_seconds) as stop,
        elasticsearch.connect(settings.elasticsearch, most_bytes=MOST_BYTES) as client,
        elasticsearch.connect(settings.elasticsearch) as probe,
    ):
        health = KafkaHealth(settings, lambda: followed(settings, sample=settings.sample.enabled))
        desk = AlertDesk(
            lambda: _saved_searches(settings),
            lambda limit, search_id: alert_log(settings, limit, search_id),
            lambda: asyncio.to_thread(waiting_searches, settings),
            settings.alerts,
            now,
            webhook_keys(settings),
        )
        library = Library(client, settings.index, probe)
        app = build_web(library, health, desk, lambda: letter_desk(settings), settings.api, now)
        logger.info("serving at http://%s/", settings.api.listen)
        await serve(app, listening, stop, settings.api)


async def check_line(settings: Settings, say: Report, *, repair: bool) -> check.Report:
    """Whether all that was handed to the line is where it belongs; with ``repair``, after what is
    wrong was mended. Raises ServiceUnavailable where a server does not answer."""
    await in_background(lambda: require_kafka(settings))
    async with (
        elasticsearch.connect(settings.elasticsearch) as client,
        KafkaPublisher(settings.kafka) as publisher,
    ):
        checker = Checker(settings, client, now, lambda: _lags(settings), say)
        with elasticsearch.outage_as_error(settings.elasticsearch):
            report, wrong = await checker.check()
            if report.sound or not repair:
                return report
            await Repair(settings, client, publisher, now, say).mend(wrong)
            return await checker.check_when_through()


def _share(settings: Settings, publisher: KafkaPublisher) -> KafkaFeedShare:
    return KafkaFeedShare(
        settings.kafka,
        settings.topics.feeds,
        feeds_group(settings.kafka),
        publisher,
        _watch_share(settings),
    )


async def discover_feeds(settings: Settings, url: str, seconds: float) -> list[FoundFeed]:
    """The feeds of a site, the most useful first. Raises FetchFailed when it cannot be had."""
    feeds = settings.feeds
    async with Fetcher(feeds) as fetcher, _parsers(settings) as parsers:
        discovery = Discovery(
            fetcher,
            parsers,
            RobotsCache(fetcher, agent_name(feeds.user_agent)),
            now,
            max_bytes=feeds.max_feed_bytes,
            seconds=seconds,
        )
        return await discovery.feeds_of(url)


async def ingest_files(
    settings: Settings,
    files: Sequence[Path],
    on_progress: Callable[[IngestCounts], None],
    report: Report,
    *,
    restart: bool,
) -> IngestCounts | None:
    """Publish the articles of files behind live news; ``on_progress`` hears the counts so far.

    Goes on where an earlier call was broken off, unless ``restart``. Waits out an outage of Kafka,
    at the start too: then ``report`` is told. What cannot be read is a dead letter. None when it
    was stopped by a signal.
    """
    async with told_to_stop(settings.workers.stall_seconds) as stop:
        ingesting = _ingest_files(settings, files, on_progress, report, restart=restart)
        return await unless_stopped(stop, ingesting)


async def _ingest_files(
    settings: Settings,
    files: Sequence[Path],
    on_progress: Callable[[IngestCounts], None],
    report: Report,
    *,
    restart: bool,
) -> IngestCounts:
    beat = _watch_reading(settings)

    def heard(counts: IngestCounts) -> None:
        beat()
        on_progress(counts)

    await setup_topics(settings, report, beat)
    async with (
        AsyncExitStack() as held,
        KafkaPublisher(settings.kafka, on_wait=beat) as publisher,
        _parsers(settings) as parsers,
    ):
        tracer = open_tracer(settings.tracing, "ingest", held)
        outbox = Outbox(publisher, settings, settings.topics.backfill, tracer)
        states = KafkaStates(settings.kafka, settings.topics.ingests, publisher, INGEST_STATES)
        ingest = Ingest(_reading(settings, parsers, beat), outbox, states, heard, report, beat)
        return await ingest.run(files, restart=restart)


def _parsers(settings: Settings) -> ParserPool:
    return ParserPool(
        processes=min(settings.feeds.concurrency, os.cpu_count() or 1),
        timeout_seconds=settings.feeds.page_timeout_seconds,
        min_article_chars=settings.feeds.min_article_chars,
    )


def _reading(settings: Settings, parsers: ParserPool, beat: Callable[[], None]) -> Reading:
    def extract(page: RawPage) -> Future[Page]:
        extracting = parsers.submit_raw_page(page, settings.feeds.max_page_bytes)
        extracting.add_done_callback(lambda _: beat())
        return extracting

    return Reading(
        extract=extract,
        now=now(),
        max_bytes=settings.feeds.max_page_bytes,
        max_chars=settings.enrich.max_text_chars,
        in_flight=parsers.processes * _PAGES_AHEAD,
    )


async def shards(settings: Settings) -> Shards:
    """How many there are. Raises ServiceUnavailable where Elasticsearch does not answer."""
    async with elasticsearch.connect(settings.elasticsearch) as client:
        with elasticsearch.outage_as_error(settings.elasticsearch):
            return await count_shards(client)


def webhook_keys(settings: Settings) -> WebhookKeys:
    """What secrets of webhooks are derived by."""
    given = settings.alerts.webhook_key
    setting = given.get_secret_value() if given is not None else None
    return WebhookKeys(lambda: master_key(setting, settings.data_dir.absolute()))


async def list_searches(settings: Settings) -> list[SavedSearch]:
    """The saved searches, by id. Raises ServiceUnavailable when Kafka does not answer."""
    async with _saved_searches(settings) as kept:
        return await searches.list_all(kept)


async def save_search(settings: Settings, search: SavedSearch) -> None:
    """Keep a search. Raises ValueError and ConfigurationError as :func:`searches.save`."""
    async with _saved_searches(settings) as kept:
        await searches.save(kept, search, now(), most=settings.alerts.max_searches)


async def remove_search(settings: Settings, search_id: str) -> bool:
    """Take a search away; False where there is none."""
    async with _saved_searches(settings) as kept:
        return await searches.remove(kept, search_id, now())


async def alert_log(settings: Settings, limit: int, search_id: str | None) -> list[LoggedAlert]:
    """The last alerts. Raises ServiceUnavailable when Kafka does not answer."""
    await in_background(partial(require_kafka, settings))
    async with (
        KafkaTail(settings.kafka, settings.topics.alerts) as alerts,
        KafkaTail(settings.kafka, settings.topics.deliveries) as deliveries,
    ):
        return await read_log(alerts, deliveries, limit, search_id)


@asynccontextmanager
async def _saved_searches(settings: Settings) -> AsyncIterator[SavedSearches]:
    await in_background(partial(require_kafka, settings))
    async with KafkaPublisher(settings.kafka) as publisher:
        yield KafkaStates(settings.kafka, settings.topics.searches, publisher, SAVED_SEARCHES)


@asynccontextmanager
async def letter_desk(settings: Settings) -> AsyncIterator[LetterDesk]:
    """Dead letters, to be asked for. Raises ServiceUnavailable when Kafka does not answer."""
    await in_background(lambda: require_kafka(settings))
    topics = settings.topics
    others = {topics.articles, topics.backfill, topics.enriched, topics.indexed, topics.alerts}
    async with (
        KafkaPublisher(settings.kafka) as publisher,
        KafkaPieces(settings.kafka, topics.dead_letters) as pieces,
    ):
        topic = Topic(topics.dead_letters, pieces, publisher, frozenset(others))
        yield LetterDesk(topic, now)


def waiting_searches(settings: Settings) -> dict[str, WaitingSearch]:
    """The searches that cannot be asked, by id. Raises ServiceUnavailable without Kafka."""
    require_kafka(settings)
    return first_of_each(read_newest(settings.kafka, settings.topics.waiting, WAITING_SEARCHES))


def held_stations(settings: Settings) -> list[HeldStation]:
    """The stations that wait for a fault to be mended. Raises ServiceUnavailable without Kafka."""
    return read_held(settings.kafka, settings.topics.stations, now())


def _watch_courier(settings: Settings, courier: Courier) -> Callable[[], None]:
    """Each try has its own limit: some of them may pass without a beat."""
    limit = settings.workers.stall_seconds + 4 * settings.alerts.timeout_seconds
    courier.on_progress = watch_beats(limit, "no delivery goes on", lambda: courier.busy)
    return courier.on_progress


def _watch_share(settings: Settings) -> Callable[[], None]:
    """The beat of whoever takes part in the group that shares the feeds."""
    limit = settings.workers.stall_seconds + _KAFKA_SECONDS
    return watch_beats(limit, "no share of the feeds is taken")


def _watch_reading(settings: Settings) -> Callable[[], None]:
    """The beat of ingest: a record read, a page extracted, a try at Kafka."""
    page_seconds = 2 * settings.feeds.page_timeout_seconds
    limit = settings.workers.stall_seconds + _KAFKA_SECONDS + page_seconds
    return watch_beats(limit, "no archive is read")


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
