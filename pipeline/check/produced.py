"""What went onto the line, and how far each station is: read from the topics."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from pipeline.check.scratch import Row, fill
from pipeline.index.periods import last_month, period_of
from pipeline.index.retention import oldest_kept
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.groups import Role, sources
from pipeline.kafka.history import Past, read_history
from pipeline.records import Alert, Origin, rank, standing
from pipeline.records.dead_letter import place_of
from pipeline.settings import Settings

R = TypeVar("R", bound=msgspec.Struct)


class Commits(NamedTuple):
    """By topic and partition, the offset up to which its station is through with it."""

    by_topic: Mapping[str, Mapping[int, int]]

    def is_through(self, topic: str, past: Past) -> bool:
        """Whether the station that reads the topic has acknowledged a message of it."""
        return past.offset < self.by_topic.get(topic, {}).get(past.partition, 0)


class ArticleHead(msgspec.Struct):
    """Of an article only what is compared: the stations check the rest."""

    id: str
    revision: int
    content_sha256: str
    first_seen_at: datetime
    origin: Origin | None = None

    @property
    def standing(self) -> int:
        """As of the whole article."""
        return standing(self.revision, self.origin)


class EnrichedHead(msgspec.Struct):
    """The same of an enriched one; equal texts share a ``story_id``."""

    article: ArticleHead
    story_id: str = ""


class _Message(msgspec.Struct):
    """A dead letter, as far as it says which message it is of."""

    topic: str
    partition: int
    offset: int
    payload_sha256: str


def commits(settings: Settings) -> Commits:
    """How far the stations are. Blocks; raises as :class:`Cluster`."""
    with Cluster(settings.kafka) as cluster:
        return Commits(
            {
                source.topic: cluster.commits(source.group, source.topic)
                for role in Role
                for source in sources(settings.kafka, settings.topics, role)
            }
        )


def read_topics(
    database: sqlite3.Connection, settings: Settings, through: Commits, now: datetime
) -> None:
    """Fill in all that the topics hold, at least up to ``through``. Blocks; raises as
    :func:`read_history`."""
    topics = settings.topics
    fill(database, "enriched", _enriched(settings, through, now))
    for topic in (topics.articles, topics.backfill):
        fill(database, "given", _given(settings, topic, through.by_topic.get(topic, {})))
    fill(database, "letters", _letters(settings))
    fill(database, "alerts", _alerts(settings))


def _enriched(settings: Settings, through: Commits, now: datetime) -> Iterator[Row]:
    topic = settings.topics.enriched
    oldest = oldest_kept(settings.index.retain_months, now) or ""
    for past in read_history(settings.kafka, topic):
        enriched = _decoded(past.value, EnrichedHead)
        due = through.is_through(topic, past)
        if enriched is None:
            yield past.place, None, None, _hash(past.value), None, due, None, None, None
            continue
        article = enriched.article
        month = period_of(article.first_seen_at)
        due = due and last_month(month) >= oldest
        weight = article.standing, rank(article.origin)
        head = past.place, article.id, article.revision, article.content_sha256, month, due
        yield *head, enriched.story_id, *weight


def enriched_article(past: Past) -> ArticleHead | None:
    """The article in a message of the topic of enriched ones; None where there is none. Pure."""
    record = _decoded(past.value, EnrichedHead)
    return None if record is None else record.article


def _given(settings: Settings, topic: str, until: Mapping[int, int]) -> Iterator[Row]:
    return map(given_row, read_history(settings.kafka, topic, until))


def given_row(past: Past) -> Row:
    """What is written down of a message to the enrich station. Pure."""
    article = _decoded(past.value, ArticleHead)
    if article is None:
        return past.place, None, None, _hash(past.value)
    return past.place, article.id, article.revision, None


def _letters(settings: Settings) -> Iterator[Row]:
    return map(letter_row, read_history(settings.kafka, settings.topics.dead_letters))


def letter_row(past: Past) -> Row:
    """By the place in the letter; one that was purged or replayed has its place for a key. Pure."""
    of = _decoded(past.value, _Message)
    if of is not None:
        place = place_of(of.topic, of.partition, of.offset, of.payload_sha256)
        return place, True, of.payload_sha256
    key = (past.key or b"").decode("utf-8", "replace")
    return key, past.value is not None, None


def _alerts(settings: Settings) -> Iterator[Row]:
    for past in read_history(settings.kafka, settings.topics.alerts):
        alert = _decoded(past.value, Alert)
        if alert is not None:
            yield (alert.id,)


def _hash(value: bytes | None) -> str:
    return hashlib.sha256(value or b"").hexdigest()


def _decoded(value: bytes | None, kind: type[R]) -> R | None:
    try:
        return msgspec.json.decode(value or b"", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
