"""The nouns that travel the line, and the codec that writes and reads them.

All are frozen and checked when made. Times are timezone-aware. Annotations are half-open character
spans of ``article.text``, and ``text[start:end]`` equals the annotated string, always.
"""

from pipeline.records.alert import Alert, AlertStatement
from pipeline.records.annotations import (
    Annotations,
    Content,
    Cue,
    EnrichedArticle,
    Entity,
    Location,
    Mention,
    Model,
    Speaker,
    Statement,
)
from pipeline.records.article import (
    Article,
    Origin,
    Source,
    article_id,
    content_sha256,
    rank,
    standing,
)
from pipeline.records.codec import decode, encode
from pipeline.records.dead_letter import Blame, DeadLetter, Reason, Stage, blame, dead_letter
from pipeline.records.delivery import Channel, Delivery, DeliveryStatus
from pipeline.records.feed_state import FeedState, FeedWork, SeenEntry, SeenPage, SitemapState
from pipeline.records.held_station import HeldStation
from pipeline.records.indexed_article import IndexedArticle
from pipeline.records.ingest_state import IngestState
from pipeline.records.saved_search import SavedSearch, Webhook
from pipeline.records.span import Span
from pipeline.records.waiting_search import WaitingSearch

__all__ = [
    "Alert",
    "AlertStatement",
    "Annotations",
    "Article",
    "Blame",
    "Channel",
    "Content",
    "Cue",
    "DeadLetter",
    "Delivery",
    "DeliveryStatus",
    "EnrichedArticle",
    "Entity",
    "FeedState",
    "FeedWork",
    "HeldStation",
    "IndexedArticle",
    "IngestState",
    "Location",
    "Mention",
    "Model",
    "Origin",
    "Reason",
    "SavedSearch",
    "SeenEntry",
    "SeenPage",
    "SitemapState",
    "Source",
    "Span",
    "Speaker",
    "Stage",
    "Statement",
    "WaitingSearch",
    "Webhook",
    "article_id",
    "blame",
    "content_sha256",
    "dead_letter",
    "decode",
    "encode",
    "rank",
    "standing",
]
