"""What is counted: closed names, each with its meaning.

Processes of one line share a folder (PROMETHEUS_MULTIPROC_DIR, set by whoever starts them), so that
the counts of a process that died stay in the sum. A gauge says how it is added up there: a level of
one process ends with it (livesum), a measurement of what all share is the newest (mostrecent).

What is counted of an article costs a few microseconds; batches and gauges are cheaper still, as
they are touched once for many articles.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

LABELS = (
    "outcome", "status", "stage", "reason", "cause", "service", "about", "channel", "quota",
)  # fmt: skip
"""Every label that a counter here may have."""

FEEDS_POLLED = Counter(
    "news_feeds_polled",
    "Polls of a feed by outcome: new (a document was read), unchanged (304 or same bytes), failed.",
    ["outcome"],
)
FEEDS_NOT_DUE = Counter(
    "news_feeds_not_due",
    "Feeds that were polled so recently, before the consumer started, that they have to wait.",
)
ENTRIES = Counter(
    "news_entries",
    "Feed entries and ingested documents by outcome: published, known, rejected, failed, "
    "passed-over (of a first poll), put-off (to a later poll: its feed took too long).",
    ["outcome"],
)
FEED_QUOTAS = Counter(
    "news_feed_quotas",
    "Entries that wait for a later poll as their feed is beyond a quota of its own: pages and "
    "sites of an hour, articles of a day.",
    ["quota"],
)
REVISITS = Counter(
    "news_revisits",
    "Visits to the pages of known articles by outcome: changed, unchanged, failed.",
    ["outcome"],
)
ANNOTATIONS_CUT = Counter(
    "news_annotations_cut",
    "Articles with as many statements, entities or mentions as one may have; more were left out.",
)
ENRICHED = Counter(
    "news_enriched",
    "Articles through enrichment by outcome: annotated, not-annotated.",
    ["outcome"],
)
REUSED = Counter(
    "news_annotations_reused",
    "Texts that needed no model: the same text came before, under whatever headline.",
)
ARTICLES = Counter(
    "news_articles",
    "Articles by final status: indexed, unchanged, duplicate, expired, dead-lettered. "
    "Each ends in one.",
    ["status"],
)
DEAD_LETTERS = Counter(
    "news_dead_letters", "Dead letters by stage and reason.", ["stage", "reason"]
)
HELD = Gauge(
    "news_station_held",
    "Processes that hold messages back until a fault is mended, by stage and cause: a reason of "
    "dead letters (such as mapping, schema, refused-by-index, nlp-error), or limit.",
    ["stage", "cause"],
    multiprocess_mode="livesum",
)
BULK_ITEMS = Counter(
    "news_bulk_items", "Bulk operations by outcome: ok, conflict, retried, refused.", ["outcome"]
)
POOL_RESTARTS = Counter(
    "news_nlp_pool_deaths", "Model processes lost by cause: crash, timeout.", ["cause"]
)
ALERTS = Counter("news_alerts", "Alerts by what they are about: articles, statements.", ["about"])
DELIVERIES = Counter(
    "news_alert_deliveries",
    "Tries to deliver an alert by channel and outcome: delivered, failed (it is tried again), "
    "given-up, withdrawn.",
    ["channel", "outcome"],
)
SEARCHES_FAILED = Counter(
    "news_saved_searches_failed", "Times that Elasticsearch refused a saved search."
)
OUTAGES = Counter(
    "news_outage_retries", "Tries repeated because a server did not answer.", ["service"]
)
LOOP_BLOCKED = Gauge(
    "news_event_loop_blocked_seconds",
    "The longest time in the last minute that the event loop gave none of its tasks a turn.",
)
PARSER_RESTARTS = Counter(
    "news_parser_failures",
    "Tasks that ended a parser process, or were ended by its limits, by cause: crash, timeout, "
    "memory. The process is replaced where it is gone.",
    ["cause"],
)

_SECONDS_TO_SEARCH = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400)
_SECONDS_TO_ANSWER = (0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_SECONDS_OF_WORK = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
_MESSAGES = (1, 2, 5, 10, 20, 50, 100, 200, 500)

SEARCHABLE_SECONDS = Histogram(
    "news_searchable_seconds",
    "Seconds until an article's first version was indexed, since: published (by the source's word, "
    "where it can be), seen (first, by us). Archives and corrections are left out.",
    ["since"],
    buckets=_SECONDS_TO_SEARCH,
)
BATCH_SECONDS = Histogram(
    "news_batch_seconds",
    "Seconds from taking a batch to having delivered all that came of it, by stage.",
    ["stage"],
    buckets=_SECONDS_OF_WORK,
)
BATCH_MESSAGES = Histogram(
    "news_batch_messages", "Messages in a batch, by stage.", ["stage"], buckets=_MESSAGES
)
POLL_DELAY = Histogram(
    "news_poll_delay_seconds",
    "Seconds from when a feed was due until its poll began.",
    buckets=_SECONDS_OF_WORK,
)
POLL_SECONDS = Histogram(
    "news_poll_seconds",
    "Seconds that a poll took: the feed, its new pages, and their delivery.",
    buckets=_SECONDS_OF_WORK,
)
ALERT_SECONDS = Histogram(
    "news_alert_seconds",
    "Seconds from the indexing of an article to a delivered alert of it, by channel: webhook, "
    "email.",
    ["channel"],
    buckets=_SECONDS_TO_SEARCH,
)
HTTP_SECONDS = Histogram(
    "news_http_request_seconds",
    "Seconds until the answer of the page or the API begins, by method, route (its template; "
    "static; none where there is no such route) and status.",
    ["method", "route", "status"],
    buckets=_SECONDS_TO_ANSWER,
)
IN_FLIGHT = Gauge(
    "news_in_flight",
    "What a stage has in hand: polls (feeds), messages (enrich, index, alert).",
    ["stage"],
    multiprocess_mode="livesum",
)
WAITING = Gauge(
    "news_feeds_waiting",
    "What waits for its turn in the feed consumer, by what it waits for: host (a feed that is "
    "due), place (a feed with pages to read), page (a fetch), parser.",
    ["turn"],
    multiprocess_mode="livesum",
)
FEEDS = Gauge(
    "news_feeds",
    "Feeds that this process follows, by health: fine, waiting, failing, gone, new.",
    ["health"],
    multiprocess_mode="livesum",
)
LAG = Gauge(
    "news_consumer_lag_messages",
    "Messages of a topic that a consumer group has not committed. Several processes may measure "
    "the same; they are not to be added up.",
    ["group", "topic"],
    multiprocess_mode="mostrecent",
)
