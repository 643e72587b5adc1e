"""The JSON schemas of the topics, for readers in other languages: one file a topic and version.

The records are the source; ``python -m pipeline.records.schemas`` writes the files anew, and a test
fails while they differ. A change that old readers cannot read gets a new topic version instead.
Beside each schema lies an example message.
"""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from pipeline.records.alert import Alert
from pipeline.records.annotations import EnrichedArticle
from pipeline.records.article import Article
from pipeline.records.dead_letter import DeadLetter
from pipeline.records.delivery import Delivery
from pipeline.records.feed_state import FeedState
from pipeline.records.held_station import HeldStation
from pipeline.records.indexed_article import IndexedArticle
from pipeline.records.ingest_state import IngestState
from pipeline.records.saved_search import SavedSearch
from pipeline.records.waiting_search import WaitingSearch

FOLDER = Path(__file__).parent

RECORDS: dict[str, type[msgspec.Struct]] = {
    "news.articles.v1": Article,
    "news.backfill.v1": Article,
    "news.enriched.v1": EnrichedArticle,
    "news.dead-letters.v1": DeadLetter,
    "news.feeds.v1": FeedState,
    "news.ingests.v1": IngestState,
    "news.indexed.v1": IndexedArticle,
    "news.searches.v1": SavedSearch,
    "news.alerts.v1": Alert,
    "news.deliveries.v1": Delivery,
    "news.stations.v1": HeldStation,
    "news.waiting.v1": WaitingSearch,
}
"""What each topic carries, by the default name of the topic."""


def schema(topic: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a topic's messages, made from its record."""
    made = msgspec.json.schema(RECORDS[topic])
    for definition in made["$defs"].values():
        # From Python 3.13 on docstrings come without their indentation.
        definition["description"] = cleandoc(definition.get("description", ""))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": topic,
        **made,
    }


def schema_file(topic: str) -> Path:
    """Where the schema of a topic is kept."""
    return FOLDER / f"{topic}.schema.json"


def example_file(topic: str) -> Path:
    """Where the example message of a topic is kept."""
    return FOLDER / f"{topic}.example.json"


def to_json(document: Any) -> bytes:
    """Indented JSON with a final newline, as the files are kept."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
