"""What becomes of an article whose page was visited, the first time and again. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from pipeline.errors import Rejected
from pipeline.feeds.articles import to_article
from pipeline.feeds.entry_reader import Material, PageRead
from pipeline.feeds.fetch import NotModified
from pipeline.feeds.revisits import Ages, Revisit, visited
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import Article, SeenEntry, SeenPage

Outcome: TypeAlias = Literal["changed", "unchanged", "failed"]

# A text that lost more than this is taken for what is left before a paywall or of a page that is
# gone: a correction does not take away half of an article.
LEAST_SHARE = 0.5
_VALIDATOR_LIMIT = 100  # characters; there is one of each kind for every entry of every feed
_HASH_DIGITS = 16


class Revisited(msgspec.Struct, frozen=True, kw_only=True):
    """``articles`` are to be published; ``seen`` holds once they are. ``outcomes`` are by key.

    failed: no article is to be had there now, or another one; what was published stays.
    """

    articles: list[Article]
    seen: dict[str, SeenEntry]
    outcomes: dict[str, Outcome]


def settle_revisits(
    subscription: Subscription,
    batch: Sequence[tuple[Revisit, Material | NotModified]],
    *,
    latest: Mapping[str, SeenEntry],
    ages: Ages,
    at: datetime,
    limit: int,
) -> Revisited:
    """Decide over visits to pages of different articles; each of them is done, however it ended.

    A text or title that is neither that of our last visit nor that of ``latest``, what was last
    published by any feed, is a new revision. Texts are cut to ``limit`` characters.
    """
    settled = Revisited(articles=[], seen={}, outcomes={})
    for revisit, found in batch:
        key, before = revisit.version.key, revisit.seen
        article = _article(subscription, revisit, found, at, limit)
        page = _page_after(revisit.page, found, article)
        page_seen = visited(page, ages, before.first_seen_at, at)
        settled.seen[key] = replace(before, page=page_seen)
        if article is None:
            is_same = isinstance(found, NotModified)
            settled.outcomes[key] = "unchanged" if is_same else "failed"
            continue
        settled.seen[key] = replace(settled.seen[key], content_sha256=article.content_sha256)
        published = latest.get(before.article_id, before)
        if article.content_sha256 in {before.content_sha256, published.content_sha256}:
            settled.outcomes[key] = "unchanged"
        else:
            settled.articles.append(article)
            settled.outcomes[key] = "changed"
    return settled


def first_visit(
    read: PageRead, article: Article, ages: Ages, first_seen_at: datetime, now: datetime
) -> SeenPage | None:
    """What to keep of a page for the visits to come; None where there will be none."""
    title = read.page.title
    page = SeenPage(title_hash=_hash(title) if title else None)
    return visited(_refreshed(page, read, article), ages, first_seen_at, now)


def _article(
    subscription: Subscription,
    revisit: Revisit,
    found: Material | NotModified,
    at: datetime,
    limit: int,
) -> Article | None:
    """The article as its page has it now; None where the page has it no more."""
    if not isinstance(found, PageRead):
        return None
    entry, title = revisit.version.entry, found.page.title
    if title and revisit.page.title_hash not in {None, _hash(title)}:
        entry = replace(entry, title="")  # the page's headline is newer than the feed's
    try:
        article = to_article(
            subscription,
            entry,
            found.page,
            first_seen_at=revisit.seen.first_seen_at,
            fetched_at=at,
            revision=int(at.timestamp() * 1000),
            limit=limit,
        )
    except Rejected:
        return None
    is_whole = len(article.text) >= LEAST_SHARE * revisit.page.chars
    return article if article.id == revisit.seen.article_id and is_whole else None


def _page_after(page: SeenPage, found: Material | NotModified, article: Article | None) -> SeenPage:
    if article is None or not isinstance(found, PageRead):
        return page
    return _refreshed(page, found, article)


def _refreshed(page: SeenPage, read: PageRead, article: Article) -> SeenPage:
    return replace(
        page,
        etag=_kept(read.etag),
        last_modified=_kept(read.last_modified),
        chars=len(article.text),
    )


def _kept(validator: str | None) -> str | None:
    """A validator as it was sent, where it is short: a long one costs more than it saves."""
    return validator if validator and len(validator) <= _VALIDATOR_LIMIT else None


def _hash(title: str) -> str:
    return hashlib.sha256(title.encode("utf-8", "replace")).hexdigest()[:_HASH_DIGITS]
