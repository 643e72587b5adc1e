"""What is said of an article beside its title and text, and whose word that is: pure.

A feed may lead to any page, and say anything of it. So what counts is what the one with the highest
:func:`rank` says: the publisher's own feed, else the page, else an archive; of the same rank, the
later. Somebody else's feed is only named among those that led there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from pipeline.records import Article, Origin, Source, rank

MAX_FEEDS = 50
"""Feeds that are named for one article."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word on an article; None and empty where it says nothing. ``revision`` is that of the
    version it came with."""

    origin: Origin | None
    revision: int
    source: Source
    feed_id: str | None = None
    guid: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None


def word_of(article: Article) -> Word:
    """What comes with one version."""
    return Word(
        origin=article.origin,
        revision=article.revision,
        source=article.source,
        feed_id=article.feed_id,
        guid=article.guid,
        summary=article.summary,
        authors=article.authors,
        published_at=article.published_at,
    )


def weight(word: Word) -> tuple[int, int]:
    """By which words on one article are ordered: the highest counts."""
    return rank(word.origin), word.revision


def corrects(one: Word, other: Word) -> bool:
    """Whether the first counts, and says something else."""
    return weight(one) > weight(other) and replace(one, revision=other.revision) != other


def told(article: Article, word: Word) -> Article:
    """``article`` as ``word`` has it; what that does not say is left as it is."""
    return replace(
        article,
        source=word.source,
        feed_id=word.feed_id or article.feed_id,
        guid=word.guid or article.guid,
        summary=word.summary or article.summary,
        authors=word.authors or article.authors,
        published_at=word.published_at or article.published_at,
    )


def led_there(*several: Iterable[str | None]) -> tuple[str, ...]:
    """The feeds that led to an article, by name; of too many the first, in any order of arrival."""
    names = {name for some in several for name in some if name}
    return tuple(sorted(names)[:MAX_FEEDS])
