"""An article as the feed consumer publishes it, and how it gets its identity."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec

ID_PATTERN = r"^[0-9a-f]{32}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"

ArticleId = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
Sha256 = Annotated[str, msgspec.Meta(pattern=SHA256_PATTERN)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]

Origin: TypeAlias = Literal["archive", "page", "own"]
"""Whose word a version of an article is, the weightiest last.

archive: an archive, or a file, that says it was the page. page: the page itself, to which somebody
else's feed or page led. own: the publisher's own feed, with the page it leads to.
"""

_RANKS: dict[Origin | None, int] = {None: 0, "archive": 1, "page": 2, "own": 3}
_TITLE_AND_TEXT: dict[Origin | None, int] = {None: 0, "archive": 1, "page": 2, "own": 2}
_WEIGHT = 1 << 50  # more than any time in milliseconds: a later revision never outweighs


def rank(origin: Origin | None) -> int:
    """Whose word on an article weighs more; nobody's weighs least."""
    return _RANKS[origin]


def standing(revision: int, origin: Origin | None) -> int:
    """By which the titles and texts of one article are ordered: the highest is the one that counts.

    First whose word it is, then the revision. The page is the publisher's, whoever led to it; an
    archive says that it was; where nobody said, the standing is the revision itself. Below 2**52
    for a revision that may be indexed.
    """
    if origin is None:
        return revision
    return _TITLE_AND_TEXT[origin] * _WEIGHT + min(revision, _WEIGHT - 1)


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who publishes: a name for people, the site's host, an ISO 3166-1 alpha-2 country."""

    name: Text
    domain: str | None = None
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")] | None = None


class Article(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one article.

    ``origin`` says whose word it is; None where nobody said. Of one origin, ``revision`` orders the
    versions: the time this one was fetched, in milliseconds since the epoch. A counter would start
    again at 1 when feed state is lost, and every later version would then look older than what is
    indexed.

    ``first_seen_at`` is set once and travels with every later revision; it decides the index month.
    ``published_at`` is the source's word and may be missing. ``truncated`` says the text was cut at
    the size limit. ``feed_id`` is the feed that led to it, the publisher's own or another's.
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
    origin: Origin | None = None

    @property
    def standing(self) -> int:
        """See :func:`standing`."""
        return standing(self.revision, self.origin)

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
