"""What is counted: closed names, each with its meaning.

Processes of one line share a folder (PROMETHEUS_MULTIPROC_DIR, set by whoever starts them), so that
the counts of a process that died stay in the sum.
"""

from __future__ import annotations

from prometheus_client import Counter

LABELS = ("outcome", "status", "stage", "reason", "cause", "service", "about", "channel")
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
    "passed-over (of a first poll).",
    ["outcome"],
)
REVISITS = Counter(
    "news_revisits",
    "Visits to the pages of known articles by outcome: changed, unchanged, failed.",
    ["outcome"],
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
    "Articles by final status: indexed, unchanged, duplicate, dead-lettered. Each ends in one.",
    ["status"],
)
DEAD_LETTERS = Counter(
    "news_dead_letters", "Dead letters by stage and reason.", ["stage", "reason"]
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
