"""Discovery: its decisions, and all of it against a real server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from pipeline.feeds.candidates import (
    CANDIDATES_LIMIT,
    FoundFeed,
    Origin,
    candidates,
    in_order,
)
from pipeline.feeds.discover import Discovery
from pipeline.feeds.fetch import Fetcher, FetchFailed
from pipeline.feeds.robots import RobotsCache
from tests.fakes.feeds import MORNING, Clock, DirectParsers, atom, atom_entry, feed_settings

SITE = "https://courier.example"
PAGE = b"""<html><head>
<link rel="alternate" type="application/rss+xml" href="/news.rss">
<link rel="alternate" hreflang="fr" href="/fr"><link rel="stylesheet" href="/feed.css">
<link rel="feed" href="https://feeds.example/courier">
</head><body><a href="/about">About</a><a href="/sport/rss/">Sport</a>
<a href="https://elsewhere.example/rss">Not ours</a>
<a href="javascript:rss()">x</a></body></html>"""
ROBOTS = (
    b"User-agent: *\nSitemap: /sitemap.xml\nsitemap: https://courier.example/news-sitemap.xml\n"
)


def urls(page: bytes | None, robots: bytes | None = None) -> list[str]:
    return [each.url for each in candidates(f"{SITE}/", page, robots)]


def found(url: str, **changes: object) -> FoundFeed:
    fields: dict[str, object] = {
        "title": url,
        "format": "rss",
        "entries": 5,
        "newest": MORNING,
        "language": "en",
        "origin": Origin.LINK,
    }
    return FoundFeed(url=url, **(fields | changes))  # type: ignore[arg-type]


def test_what_a_page_names_is_tried_before_what_is_guessed() -> None:
    assert urls(PAGE, ROBOTS)[:6] == [
        f"{SITE}/news.rss",
        "https://feeds.example/courier",
        f"{SITE}/sport/rss/",
        f"{SITE}/news-sitemap.xml",
        f"{SITE}/sitemap.xml",
        f"{SITE}/feed",
    ]


def test_links_are_relative_to_the_base_of_the_page() -> None:
    page = b"<base href='https://cdn.example/x/'><link rel=feed href=a.rss>"
    assert urls(page)[0] == "https://cdn.example/x/a.rss"


def test_candidates_are_few_however_many_a_page_names() -> None:
    page = b"".join(b"<a href='/feed/%d.rss'>x</a>" % number for number in range(9_000))
    assert len(urls(page, b"Sitemap: /a.xml\n" * 9_000)) <= CANDIDATES_LIMIT
    assert len(set(urls(page))) == len(urls(page))


@pytest.mark.parametrize(
    "page", [None, b"", b"\0\xff", b"<" * 9_000, b"<a href='http://[x'>rss</a>"]
)
def test_a_page_without_sense_leaves_the_usual_addresses(page: bytes | None) -> None:
    assert urls(page)[0] == f"{SITE}/feed"


def test_the_most_useful_feeds_come_first_and_each_once() -> None:
    old = found(f"{SITE}/old", newest=MORNING - timedelta(days=900))
    listed = [
        found(f"{SITE}/comments/feed"),
        found(f"{SITE}/sitemap.xml", format="sitemap"),
        found(f"{SITE}/news-sitemap.xml", format="news-sitemap"),
        found(f"{SITE}/guess", origin=Origin.WELL_KNOWN),
        old,
        found(f"{SITE}/new"),
        found(f"{SITE}/new-again", title=f"{SITE}/new"),
        found(f"{SITE}/empty", entries=0),
    ]
    names = [each.url.removeprefix(f"{SITE}/") for each in in_order(listed)]
    assert names == ["new", "old", "guess", "news-sitemap.xml", "sitemap.xml", "comments/feed"]


@asynccontextmanager
async def serving(
    pages: dict[str, web.Response | float], asked: list[str] | None = None
) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        if asked is not None:
            asked.append(request.path)
        page = pages.get(request.path)
        if isinstance(page, float):
            await asyncio.sleep(page)
        if not isinstance(page, web.Response):
            raise web.HTTPNotFound
        body = page.body
        assert isinstance(body, bytes)
        return web.Response(body=body, content_type=page.content_type)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


async def discover(url: str, seconds: float = 20, patience: float = 5) -> list[FoundFeed]:
    settings = feed_settings(timeout_seconds=patience, private_hosts=(URL(url).authority,))
    async with Fetcher(settings.feeds) as fetcher:
        discovery = Discovery(
            fetcher,
            DirectParsers(),
            RobotsCache(fetcher, "news-pipeline"),
            Clock(),
            max_bytes=100_000,
            seconds=seconds,
        )
        return await discovery.feeds_of(url)


def html(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/html")


def xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/xml")


async def test_only_feeds_that_were_read_are_shown() -> None:
    urlset = b"<urlset><url><loc>/news/1</loc><lastmod>2026-03-01</lastmod></url></urlset>"
    pages: dict[str, web.Response | float] = {
        "/": html(b"<link rel=alternate type='application/atom+xml' href=/news.atom>"),
        "/news.atom": xml(atom(atom_entry(1), atom_entry(2))),
        "/feed": html(b"<html><p>no such page, says this page</p></html>"),
        "/rss": xml(atom(atom_entry(1), atom_entry(2))),
        "/atom.xml": xml(b"<feed broken"),
        "/map.xml": xml(urlset),
        "/robots.txt": web.Response(body=b"Sitemap: /map.xml", content_type="text/plain"),
    }
    async with serving(pages) as site:
        feeds = await discover(site)
    assert [(each.url, each.format, each.entries) for each in feeds] == [
        (f"{site}/news.atom", "atom", 2),
        (f"{site}/map.xml", "sitemap", 1),
    ]
    assert feeds[0].newest is not None


async def test_an_address_that_is_a_feed_is_its_own_answer() -> None:
    async with serving({"/feed": xml(atom(atom_entry(1)))}) as site:
        (feed,) = await discover(f"{site}/feed")
    assert (feed.url, feed.title) == (f"{site}/feed", "The Courier")


async def test_a_slow_address_does_not_hold_up_the_others() -> None:
    pages: dict[str, web.Response | float] = {
        "/": html(b"<p>x</p>"),
        "/feed": 4.0,
        "/rss": xml(atom(atom_entry(1))),
    }
    async with serving(pages) as site:
        feeds = await discover(site, seconds=1)
    assert [each.url for each in feeds] == [f"{site}/rss"]


async def test_a_site_that_cannot_be_had_is_said() -> None:
    async with serving({}) as site:
        with pytest.raises(FetchFailed, match="404"):
            await discover(site)


def text(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/plain")


async def test_robots_txt_is_obeyed_but_for_what_the_site_offers_and_the_person_names() -> None:
    feed = xml(atom(atom_entry(1)))
    pages: dict[str, web.Response | float] = {
        "/front/": html(
            b"<link rel=alternate type='application/atom+xml' href=/offered.atom>"
            b"<a href=/linked.rss>x</a><a href=/front/free.rss>y</a>"
        ),
        "/offered.atom": feed,
        "/linked.rss": feed,
        "/front/free.rss": xml(atom(atom_entry(1), atom_entry(2))),
        "/feed": feed,
        "/robots.txt": text(b"User-agent: *\nDisallow: /\nAllow: /front/free.rss\n"),
    }
    asked: list[str] = []
    async with serving(pages, asked) as site:
        feeds = await discover(f"{site}/front/")
    assert [each.url.removeprefix(site) for each in feeds] == ["/offered.atom", "/front/free.rss"]
    assert sorted(asked) == ["/front/", "/front/free.rss", "/offered.atom", "/robots.txt"]


async def test_nothing_is_guessed_at_a_site_whose_robots_txt_cannot_be_had() -> None:
    asked: list[str] = []
    pages: dict[str, web.Response | float] = {
        "/": html(b"<p>x</p>"),
        "/robots.txt": 0.6,
        "/feed": xml(atom(atom_entry(1))),
    }
    async with serving(pages, asked) as site:
        assert await discover(site, patience=0.3) == []
    assert sorted(set(asked)) == ["/", "/robots.txt"]


async def test_guesses_keep_the_pace_the_site_asks_for() -> None:
    asked: list[str] = []
    pages: dict[str, web.Response | float] = {
        "/": html(b"<p>x</p>"),
        "/robots.txt": text(b"User-agent: *\nCrawl-delay: 30\n"),
        "/feed": xml(atom(atom_entry(1))),
    }
    async with serving(pages, asked) as site:
        (feed,) = await discover(site, seconds=0.5)
    assert feed.url == f"{site}/feed"
    assert asked == ["/", "/robots.txt", "/feed"]
