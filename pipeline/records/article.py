"""An article as the feed consumer publishes it, and how it gets its identity."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

import msgspec

ID_PATTERN = r"^[0-9a-f]{32}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"

ArticleId = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
Sha256 = Annotated[str, msgspec.Meta(pattern=SHA256_PATTERN)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who publishes: a name for people, the site's host, an ISO 3166-1 alpha-2 country."""

    name: Text
    domain: str | None = None
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")] | None = None


class Article(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one article.

    ``revision`` orders the versions of an article: the time this version was fetched, in
    milliseconds since the epoch. A counter would start again at 1 when feed state is lost, and
    every later version would then look older than what is indexed.

    ``first_seen_at`` is set once and travels with every later revision; it decides the index month.
    ``published_at`` is the source's word and may be missing. ``truncated`` says the text was cut at
    the size limit.
    """

    id: ArticleId
    revision: Annotated[int, msgspec.Meta(ge=1)]
    title: str
    text: Text
    source: Source
    first_seen_at: AwareTime
    fetched_at: AwareTime
    content_sha256: Sha256
    url: str | None = None
    canonical_url: str | None = None
    feed_id: str | None = None
    guid: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    published_at: AwareTime | None = None
    language: str | None = None
    truncated: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("an article needs a text")
        for name in ("first_seen_at", "fetched_at", "published_at"):
            time = getattr(self, name)
            if time is not None and time.tzinfo is None:
                raise ValueError(f"{name} needs a time zone")


def article_id(
    *, canonical_url: str | None, feed_id: str | None, guid: str | None, content: str
) -> str:
    """The first 128 bits of a SHA-256, in hex: of the canonical URL; without one, of feed id and
    guid; without those, of the content. The same article always gets the same id."""
    if canonical_url:
        identity = canonical_url
    elif feed_id and guid:
        identity = f"{feed_id}\n{guid}"
    else:
        identity = content
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def content_sha256(title: str, text: str) -> str:
    """Identifies what a reader would see: two versions with the same value are the same to us."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
