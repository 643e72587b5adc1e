"""An entry, with its page or the content it brings along, becomes an article."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from pipeline.errors import Rejected
from pipeline.feeds.canonical import canonical_url, host_of
from pipeline.feeds.markup import html_to_text
from pipeline.feeds.ownership import speaks_for
from pipeline.feeds.parsed import Entry, Page
from pipeline.feeds.redaction import without_credentials
from pipeline.feeds.subscriptions import Subscription
from pipeline.feeds.text import first_sentence, shorten, truncate_text
from pipeline.records import Article, Origin, Reason, Source, article_id, content_sha256

HEADLINE_LIMIT = 120  # characters, where the headline is the first sentence
SUMMARY_LIMIT = 2_000

_TEASER_END = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|(?:read|see) more.{0,40}|continue reading.{0,40})\W*$",
    re.IGNORECASE,
)
_SUMMARY_MARKUP = 20_000  # characters of one, in which its text shows
_END = 80  # characters in which a teaser gives itself away


def full_text(subscription: Subscription, entry: Entry, min_chars: int) -> str | None:
    """The article's text, where the feed brings it whole; None where its page must be fetched.

    Another's article is read at its page alone: a feed may point to it, not speak for it.
    """
    if not is_own(subscription, entry.url):
        return None
    text = html_to_text(entry.content)
    teaser = html_to_text(entry.summary)
    whole = (
        len(text) >= min_chars and len(text) > len(teaser) and not _TEASER_END.search(text[-_END:])
    )
    return text if whole else None


def entry_article_id(subscription: Subscription, entry: Entry, page: Page | None = None) -> str:
    """The id an entry's article has, or would have had."""
    url = page.canonical_url if page else canonical_url(entry.url or "")
    return article_id(
        canonical_url=url, feed_id=subscription.id, guid=entry.id, content=entry.summary
    )


def is_own(subscription: Subscription, address: str | None, page: Page | None = None) -> bool:
    """Whether the feed speaks for its article: it is the feed of who publishes at ``address``.

    The subscription says so by its own address or ``sites``, or ``page``, which was fetched from
    there, names the feed. What has no address is the feed's alone.
    """
    if address is None:
        return True
    if page is not None and canonical_url(subscription.url) in page.feeds:
        return True
    return any(speaks_for(speaker, address) for speaker in subscription.speakers)


def to_article(
    subscription: Subscription,
    entry: Entry,
    page: Page | None,
    *,
    text_in_feed: str = "",
    first_seen_at: datetime,
    fetched_at: datetime,
    revision: int,
    limit: int,
) -> Article:
    """The article of ``page``, or, without one, of the text that the entry brings.

    What the feed says of it counts where it is the publisher's own: of another's article, the page
    alone says what it is, and the feed when it appeared, where the page does not. The text is cut
    to ``limit`` characters. Raises Rejected(EMPTY_TEXT) where there is none.
    """
    whole = page.text if page else text_in_feed
    text, truncated = truncate_text(whole, limit)
    if not text:
        raise Rejected(Reason.EMPTY_TEXT, "neither the entry nor its page has a text")
    url = page.canonical_url if page else canonical_url(entry.url or "")
    if page is None or is_own(subscription, page.url, page):
        told = _told_by_publisher(subscription, entry, page, host_of(url))
    else:
        told = _told_by_page(subscription, entry, page, host_of(url))
    title = told.title or first_sentence(text, HEADLINE_LIMIT)
    return Article(
        id=entry_article_id(subscription, entry, page),
        revision=revision,
        title=title,
        text=text,
        source=told.source,
        first_seen_at=first_seen_at,
        fetched_at=fetched_at,
        content_sha256=content_sha256(title, text),
        url=_public(page.url if page else entry.url),
        canonical_url=url,
        feed_id=subscription.id,
        guid=entry.id,
        summary=told.summary or None,
        authors=told.authors,
        published_at=told.published,
        language=told.language,
        truncated=truncated,
        origin=told.origin,
    )


def _public(url: str | None) -> str | None:
    return without_credentials(url) if url else url


def _text(markup: str) -> str:
    return html_to_text(markup).replace("\n", " ")


class _Told(NamedTuple):
    """What is said of an article, and by whom."""

    origin: Origin
    source: Source
    title: str
    authors: tuple[str, ...]
    published: datetime | None
    language: str | None
    summary: str = ""


def _told_by_page(subscription: Subscription, entry: Entry, page: Page, host: str | None) -> _Told:
    return _Told(
        origin="page",
        source=Source(name=host or subscription.name, domain=host),
        title=page.title,
        authors=page.authors,
        published=page.published or entry.published,
        language=page.language,
    )


def _told_by_publisher(
    subscription: Subscription, entry: Entry, page: Page | None, host: str | None
) -> _Told:
    return _Told(
        origin="own",
        source=Source(name=subscription.name, domain=host, country=subscription.country),
        # The newsroom's own headline, without what a template adds.
        title=entry.title or (page.title if page else ""),
        authors=(page.authors if page else ()) or entry.authors,
        published=entry.published or (page.published if page else None),
        language=(page.language if page else entry.language) or subscription.language,
        summary=shorten(_text(entry.summary[:_SUMMARY_MARKUP]), SUMMARY_LIMIT),
    )
