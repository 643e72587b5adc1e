"""Pages of articles, as they are fetched and as archives hold them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Hashable, Sequence
from functools import cache

from pipeline.errors import Rejected
from pipeline.feeds.canonical import canonical_url
from pipeline.feeds.json_ld import article_type, find_article, is_free, people_of, read_objects
from pipeline.feeds.json_ld import text_of as field_text
from pipeline.feeds.page import extract_page
from pipeline.feeds.parse import TITLE_LIMIT
from pipeline.feeds.parsed import Page, RawPage
from pipeline.feeds.raw_page import dechunk, extract_raw_page, unpack
from pipeline.feeds.walls import Signs, why_no_article
from tests.fakes.feeds import BODY, PARAGRAPH, html_page
from tests.fuzz.target import Target, joined, parts, seeds, text_of, texts
from tests.fuzz.targets.laws import is_address, is_clean, is_json, is_line, is_time

_URL = "https://courier.example/news/1"
_LIMIT = 200_000
_CODINGS = {b"", b"gzip", b"deflate", b"br", b"identity"}
_JSON_LD = (
    '{"@context":"https://schema.org","@graph":[{"@type":["NewsArticle"],"headline":"Bridge",'
    '"author":[{"@type":"Person","name":"Ada Lind"},"B. Moss"],'
    '"datePublished":"2026-03-01T12:00:00Z","isAccessibleForFree":"False",'
    '"image":{"@type":"ImageObject"}}]}'
)
_HEAD = (
    "<link rel=canonical href='https://courier.example/a'>"
    "<meta property='og:title' content='Bridge'><meta charset='windows-1252'>"
    "<meta property='article:published_time' content='2026-03-01T12:00:00+01:00'>"
    "<meta name=author content='By Ada Lind and B. Moss'>"
    f"<script type='application/ld+json'>{_JSON_LD}</script>"
)
_TOKENS = (
    b"<meta charset='", b"utf-16", b"<meta name='author' content='",
    b"<link rel='canonical' href='",
    b"<meta property='og:title' content='", b"<script type='application/ld+json'>", b"</script>",
    b'"@type"', b'"headline"', b'"datePublished"', b"<article>", b"</article>", b"<h1>", b"<p>",
    b"<time datetime='", b"<html lang='", b"<title>", b"<body>", b"<aside>", b"<figure>",
    b"<table>",
    b"<div class='", b"<svg>", b"<!--", b"<template>", b"itemprop='author'", b"<noscript>", b"&#",
    b"<iframe>", b"<br>", b"<li>",
)  # fmt: skip


def page(data: bytes) -> Hashable:
    """An article that is clean and says where it is from."""
    document, content_type = parts(data, 2)
    said = text_of(content_type) or None
    found = extract_page(document, url=_URL, content_type=said, min_chars=50)
    _check(found)
    return bool(found.title), len(found.authors), found.published is None, found.language


def stored_page(data: bytes) -> Hashable:
    """A body in any coding, in chunks or not."""
    coding, chunked, body = parts(data, 3)
    found = extract_raw_page(
        RawPage(data=body, url=None, coding=text_of(coding), chunked=bool(chunked)),
        min_chars=50,
        max_bytes=_LIMIT,
    )
    _check(found)
    return coding in _CODINGS, bool(chunked)


def coded(data: bytes) -> Hashable:
    """What is unpacked is within its limit."""
    coding, body = parts(data, 2)
    found = unpack(dechunk(body), text_of(coding), 10_000)
    assert len(found) <= 10_000
    return coding in _CODINGS, len(found).bit_length()


def _check(found: Page) -> None:
    is_json(found)
    is_line(found.title, TITLE_LIMIT)
    is_clean(found.text)
    is_address(found.url)
    is_address(found.canonical_url)
    is_time(found.published)
    if found.canonical_url is not None:
        assert canonical_url(found.canonical_url) == found.canonical_url
    for name in found.authors:
        is_line(name, 200)


def linked_data(data: bytes) -> Hashable:
    """JSON-LD of any shape."""
    objects = read_objects([text_of(each) for each in parts(data, 2)])
    article = find_article(objects)
    names = people_of(article, "author")
    assert all(isinstance(name, str) and name.strip() for name in names)
    said = [field_text(article, key) for key in ("headline", "name", "datePublished")]
    return article_type(article)[:20], is_free(article), len(names), bool(said[0])


def walls(data: bytes) -> Hashable:
    """A reason in words, or none."""
    title, text, visible = texts(data, 3)
    return why_no_article(title, text, Signs(visible=visible))


@cache
def _pages() -> Sequence[bytes]:
    whole = html_page().replace(b"</head>", _HEAD.encode() + b"</head>")
    return [
        joined(each, kind)
        for each in (html_page(), whole)
        for kind in ("text/html; charset=utf-8", "text/html; charset=koi8-r", "")
    ]


@cache
def _stored() -> Sequence[bytes]:
    whole = html_page(body=BODY)
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(whole), whole)
    return [
        joined("gzip", "", gzip.compress(whole, mtime=0)),
        joined("deflate", "", zlib.compress(whole)),
        joined("", "1", chunks),
        joined("br", "1", whole),
        joined("identity", "", whole),
    ]


@cache
def _coded() -> Sequence[bytes]:
    halves = (each.split(b"\x1e", 2) for each in _stored())
    return [joined(coding, body) for coding, _, body in halves]


TARGETS = (
    Target("page", page, _pages, (Rejected,), _TOKENS, 20_000),
    Target(
        "stored-page",
        stored_page,
        _stored,
        (Rejected,),
        (b"gzip", b"deflate", b"0\r\n\r\n"),
        20_000,
    ),
    Target(
        "content-coding", coded, _coded, (Rejected,), (b"gzip", b"deflate", b"ffff\r\n", b"\r\n")
    ),
    Target(
        "json-ld",
        linked_data,
        seeds(
            _JSON_LD,
            f"<!-- {_JSON_LD} -->",
            '[[{"@type":"Report","author":[["x"],{"name":["y",1]}]}]]',
        ),
        (),
        (
            b'"@type":"NewsArticle"',
            b'"@graph"',
            b'"author"',
            b'"name"',
            b'"@value"',
            b"[[",
            b"<!--",
        ),
    ),
    Target(
        "walls",
        walls,
        seeds(
            joined("404 not found", "The page you were looking for could not be found"),
            joined("Bridge", PARAGRAPH, "Please enable JavaScript and accept all our cookies"),
            joined(
                "Just a moment...",
                "Subscribe now to continue reading",
                "log in or register to read",
            ),
        ),
        (),
        (
            b"the page you ",
            b"not found",
            b"mit werbung ",
            b" exist",
            b"sign in or x an account",
            b"404 ",
        ),
    ),
)
