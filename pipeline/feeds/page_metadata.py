"""What a page says of itself: title, authors, time, language, address.

In the order of trust: JSON-LD, headings and meta tags, microdata, then trafilatura's own guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin

import msgspec
from lxml import etree
from lxml.html import HtmlElement
from trafilatura import extract_metadata

from pipeline.feeds.canonical import absolute_url, canonical_url, host_of, parse_url
from pipeline.feeds.dates import first_time, parse_time
from pipeline.feeds.json_ld import (
    article_type,
    find_article,
    is_free,
    people_of,
    read_objects,
    text_of,
    types_in,
)
from pipeline.feeds.markup import plain_title
from pipeline.feeds.parse import TITLE_LIMIT, author_names, language_code
from pipeline.feeds.titles import choose_title, without_site
from pipeline.feeds.walls import Signs

_BLOCK_LIMIT = 2_000_000  # characters of one JSON-LD block
_HEADINGS_LIMIT = 20
_FEEDS_LIMIT = 20
_PIECES_LIMIT = 500  # of text, and
_VISIBLE_LIMIT = 3_000  # characters looked at for a wall: it stands at the top or alone


FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/json|text/xml"
)
"""Of links to feeds."""

_TITLES = ("og:title", "twitter:title", "dc.title", "title")
_AUTHORS = ("author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator")
_TIMES = (
    "article:published_time", "og:article:published_time", "parsely-pub-date", "datepublished",
    "publication_date", "sailthru.date", "pubdate", "dc.date.issued", "dcterms.created", "dc.date",
    "cxenseparse:publishtime", "cxenseparse:recs:publishtime", "date",
)  # fmt: skip
_BYLINE = re.compile(r"^\s*(?:by|von|par|por|di|av|door|text)[:\s]+", re.IGNORECASE)
_SEPARATOR = re.compile(r" ?(?:[,;|·]| (?:and|und|et|y|e|og|en|&) ) ?")  # on single spaces
_LONGEST_NAME = 4  # words
_SITE_SUFFIX = re.compile(r"(?<!\s)\s++[|–—-]\s++[^|–—-]{2,40}$")


class PageMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found; empty or None where nothing was. ``canonical`` is only a claim.

    ``feeds`` are the canonical addresses of the feeds it names. ``names`` are all titles the page
    gives its article, ``signs`` what it says of its own kind.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    canonical: str | None = None
    feeds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    signs: Signs = Signs()


def read_metadata(tree: HtmlElement, url: str | None) -> PageMetadata:
    """Read a whole document; its links are relative to ``url``."""
    objects = read_objects([block[:_BLOCK_LIMIT] for block in _scripts(tree)])
    article = find_article(objects)
    meta = _meta_tags(tree)
    guess = _guesser(tree, url)
    return PageMetadata(
        title=_title(tree, article, meta, url) or plain_title(guess("title"), TITLE_LIMIT),
        authors=_authors(tree, article, meta) or author_names(split_names(guess("author"))),
        published=_published(tree, article, meta) or parse_time(guess("date")),
        language=_language(tree, article),
        canonical=_canonical(tree, meta, url),
        feeds=tuple(islice(_feeds(tree, url), _FEEDS_LIMIT)),
        names=_names_of(tree, article, meta),
        signs=_signs(tree, article, types_in(objects), url),
    )


def _guesser(tree: HtmlElement, url: str | None) -> Callable[[str], str]:
    """Trafilatura's metadata, which takes time, at the first question."""
    found: list[Any] = []

    def guess(field: str) -> str:
        if not found:
            found.append(extract_metadata(tree, url))
        return getattr(found[0], field) or ""

    return guess


def _title(
    tree: HtmlElement, article: dict[str, Any], meta: dict[str, str], url: str | None
) -> str:
    name, host = meta.get("og:site_name", ""), host_of(url) or ""

    def read(title: str) -> str:
        return without_site(plain_title(title, TITLE_LIMIT), name=name, host=host)

    shown = [read(_words(heading)) for heading in _headings(tree)]
    said = [read(meta.get(title, "")) for title in _TITLES]
    only = shown[0] if len(shown) == 1 else ""
    last = read(_SITE_SUFFIX.sub("", tree.findtext(".//title") or ""))
    rivals = [only, *said[:2], read(text_of(article, "name"))]
    seconds = [last, read(text_of(article, "alternativeHeadline"))]
    headline = choose_title(read(text_of(article, "headline")), rivals, seconds)
    return next(filter(None, [headline, said[0], only, *said, *shown, last]), "")


def _names_of(tree: HtmlElement, article: dict[str, Any], meta: dict[str, str]) -> tuple[str, ...]:
    """Every form in which the page names its article."""
    names = [text_of(article, "headline"), text_of(article, "alternativeHeadline")]
    names += [meta.get(name, "") for name in _TITLES]
    plain = (plain_title(name, TITLE_LIMIT) for name in names if name)
    return (*plain, *(_words(heading) for heading in _headings(tree)))


def _headings(tree: HtmlElement) -> list[HtmlElement]:
    return list(islice(tree.iter("h1"), _HEADINGS_LIMIT))


def _signs(
    tree: HtmlElement, article: dict[str, Any], types: frozenset[str], url: str | None
) -> Signs:
    parsed = parse_url(url) if url else None
    body = tree.find("body")
    shown = islice(tree.itertext("p", "div", "span", "h1", "h2", "a"), _PIECES_LIMIT)
    return Signs(
        types=types,
        article_type=article_type(article),
        free=is_free(article),
        home=parsed is not None and parsed.path in {"", "/"} and not parsed.raw_query_string,
        visible=" ".join(shown)[:_VISIBLE_LIMIT] if body is not None else "",
    )


def _authors(tree: HtmlElement, article: dict[str, Any], meta: dict[str, str]) -> tuple[str, ...]:
    named = [[each for name in people_of(article, "author") for each in _people_in(name)]]
    named += [split_names(meta.get(name, "")) for name in _AUTHORS]
    named.append([_words(element) for element in _marked(tree, "author")])
    for names in named:
        authors = author_names([_BYLINE.sub("", name) for name in names if "://" not in name])
        if authors:
            return authors
    return ()


def _published(tree: HtmlElement, article: dict[str, Any], meta: dict[str, str]) -> datetime | None:
    said = [text_of(article, "datePublished"), text_of(article, "dateCreated")]
    said += [meta.get(name, "") for name in _TIMES]
    said += [
        element.get("datetime") or element.get("content") or ""
        for element in (*_marked(tree, "datePublished"), *tree.iter("time"))
    ]
    return first_time(said)


def _language(tree: HtmlElement, article: dict[str, Any]) -> str | None:
    return language_code(tree.get("lang")) or language_code(text_of(article, "inLanguage"))


def _canonical(tree: HtmlElement, meta: dict[str, str], url: str | None) -> str | None:
    links = (link for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower())
    claims = [link.get("href") or "" for link in links] + [meta.get("og:url", "")]
    claim = next(filter(None, (claim.strip() for claim in claims)), None)
    try:
        return urljoin(url or "", claim) if claim else None
    except ValueError:
        return None


def names_feed(link: etree._Element) -> bool:
    """Whether a link tag says that it leads to a feed of its page."""
    is_other_form = "alternate" in (link.get("rel") or "").lower().split()
    return is_other_form and FEED_TYPES.match((link.get("type") or "").lower()) is not None


def _feeds(tree: HtmlElement, url: str | None) -> Iterator[str]:
    for link in tree.iter("link"):
        if names_feed(link):
            address = canonical_url(absolute_url(link.get("href") or "", url or "") or "")
            if address:
                yield address


def _scripts(tree: HtmlElement) -> Iterator[str]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            yield script.text or ""


def _meta_tags(tree: HtmlElement) -> dict[str, str]:
    """The first content of each name, property or itemprop, the names in lower case."""
    tags: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = (tag.get("content") or "").strip()
        if name and content:
            tags.setdefault(name.strip().lower(), content)
    return tags


def _marked(tree: HtmlElement, name: str) -> Iterable[HtmlElement]:
    """Elements with that itemprop; a person's name stands in a further itemprop within."""
    for element in tree.iterfind(f".//*[@itemprop='{name}']"):
        inner = element.find(".//*[@itemprop='name']")
        yield element if inner is None else inner


def _words(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _people_in(name: str) -> list[str]:
    """Several whole names that were written as one, or one without the office behind it; else the
    name as it is: "Ernst & Young" is one."""
    names = split_names(name)
    whole = [_is_whole_name(each) for each in names]
    if all(whole):
        return names
    first, comma, office = name.partition(",")
    return [first] if comma and whole[0] and not _is_whole_name(office.strip()) else [name]


def _is_whole_name(name: str) -> bool:
    return 2 <= len(name.split()) <= _LONGEST_NAME and name[0].isupper()


def split_names(names: str) -> list[str]:
    """The names of a line that may have several."""
    return [name for name in _SEPARATOR.split(" ".join(names.split())) if name]
