"""An entry, with its page or the content it brings along, becomes an article."""

from __future__ import annotations

import re
from datetime import datetime

from pipeline.errors import Rejected
from pipeline.feeds.canonical import canonical_url, host_of, same_site
from pipeline.feeds.markup import html_to_text
from pipeline.feeds.parsed import Entry, Page
from pipeline.feeds.subscriptions import Subscription
from pipeline.feeds.text import first_sentence, shorten, truncate_text
from pipeline.records import Article, Reason, Source, article_id, content_sha256

HEADLINE_LIMIT = 120  # characters, where the headline is the first sentence
SUMMARY_LIMIT = 2_000

_TEASER_END = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|(?:read|see) more.{0,40}|continue reading.{0,40})\W*$",
    re.IGNORECASE,
)
_END = 80  # characters in which a teaser gives itself away


def full_text(subscription: Subscription, entry: Entry, min_chars: int) -> str | None:
    """The article's text, where the feed brings it whole; None where its page must be fetched.

    Another site's article is read at that site alone: a feed may point to it, not speak for it.
    """
    if entry.url is not None and not same_site(entry.url, subscription.url):
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


def to_article(
    subscription: Subscription,
    entry: Entry,
    page: Page | None,
    *,
    first_seen_at: datetime,
    fetched_at: datetime,
    revision: int,
    limit: int,
) -> Article:
    """The article of ``page``, or, without one, of the entry's own content.

    The text is cut to ``limit`` characters. Raises Rejected(EMPTY_TEXT) where there is none.
    """
    whole = page.text if page else html_to_text(entry.content)
    text, truncated = truncate_text(whole, limit)
    if not text:
        raise Rejected(Reason.EMPTY_TEXT, "neither the entry nor its page has a text")
    url = page.canonical_url if page else canonical_url(entry.url or "")
    title = _title(subscription, entry, page) or first_sentence(text, HEADLINE_LIMIT)
    return Article(
        id=entry_article_id(subscription, entry, page),
        revision=revision,
        title=title,
        text=text,
        source=Source(name=subscription.name, domain=host_of(url), country=subscription.country),
        first_seen_at=first_seen_at,
        fetched_at=fetched_at,
        content_sha256=content_sha256(title, text),
        url=page.url if page else entry.url,
        canonical_url=url,
        feed_id=subscription.id,
        guid=entry.id,
        summary=shorten(html_to_text(entry.summary).replace("\n", " "), SUMMARY_LIMIT) or None,
        authors=(page.authors if page else ()) or entry.authors,
        published_at=entry.published or (page.published if page else None),
        language=(page.language if page else entry.language) or subscription.language,
        truncated=truncated,
    )


def _title(subscription: Subscription, entry: Entry, page: Page | None) -> str:
    """The feed's title of its own site's articles is the newsroom's; another site names its own."""
    of_page = page.title if page else ""
    if entry.url is not None and same_site(entry.url, subscription.url):
        return entry.title or of_page
    return of_page or entry.title
