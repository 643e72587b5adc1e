"""The nouns that travel the line, and the codec that writes and reads them.

All are frozen and checked when made. Times are timezone-aware. Annotations are half-open character
spans of ``article.text``, and ``text[start:end]`` equals the annotated string, always.
"""

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
from pipeline.records.article import Article, Source, article_id, content_sha256
from pipeline.records.codec import decode, encode
from pipeline.records.dead_letter import DeadLetter, Reason, Stage, dead_letter
from pipeline.records.feed_state import FeedState, SeenEntry, SeenPage, SitemapState
from pipeline.records.ingest_state import IngestState
from pipeline.records.span import Span

__all__ = [
    "Annotations",
    "Article",
    "Content",
    "Cue",
    "DeadLetter",
    "EnrichedArticle",
    "Entity",
    "FeedState",
    "IngestState",
    "Location",
    "Mention",
    "Model",
    "Reason",
    "SeenEntry",
    "SeenPage",
    "SitemapState",
    "Source",
    "Span",
    "Speaker",
    "Stage",
    "Statement",
    "article_id",
    "content_sha256",
    "dead_letter",
    "decode",
    "encode",
]
