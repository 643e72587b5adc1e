"""Feeds that mean harm, one kind each by its number: what they answer, byte by byte."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import NamedTuple

MEGABYTE = 1 << 20


class Asked(NamedTuple):
    """A request: ``site`` is where it came to, ``victim`` the site of a good feed."""

    number: int
    path: str
    site: str
    victim: str
    port: int


Writer = asyncio.StreamWriter
Attack = Callable[[Asked, Writer], Awaitable[None]]


def answer(
    body: bytes, kind: str = "application/rss+xml", *more: str, status: str = "200 OK"
) -> bytes:
    """A whole answer of HTTP."""
    head = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *more,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def feed(items: str, site: str) -> bytes:
    """A feed with these items."""
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Feed</title><link>{site}/</link>{items}</channel></rss>"
    ).encode()


def item(link: str, title: str = "Title", content: str = "") -> str:
    """An item; ``content`` is HTML."""
    escaped = content.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<item><guid>{link}</guid><link>{link}</link><title>{title}</title>"
        f"<content:encoded>{escaped}</content:encoded></item>"
    )


def _fresh(asked: Asked, count: int) -> list[str]:
    """Addresses of pages that were never listed before."""
    now = time.time_ns()
    return [f"{asked.site}/{now}/{n}" for n in range(count)]


async def drip(asked: Asked, writer: Writer) -> None:
    """A byte each second, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(1)


async def silent(asked: Asked, writer: Writer) -> None:
    """Nothing at all."""
    await asyncio.sleep(3600)


async def reset(asked: Asked, writer: Writer) -> None:
    """The connection is cut."""
    writer.transport.abort()


async def endless_head(asked: Asked, writer: Writer) -> None:
    """Headers without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        writer.write(b"X-%d: " % number + b"a" * 4_000 + b"\r\n")
        await writer.drain()


async def packed(asked: Asked, writer: Writer) -> None:
    """A gigabyte of blanks in a megabyte."""
    writer.write(answer(_bomb(), "application/rss+xml", "Content-Encoding: gzip"))


@cache
def _bomb() -> bytes:
    return gzip.compress(b"<rss>" + b" " * (1 << 30), 9)


async def unbalanced(asked: Asked, writer: Writer) -> None:
    """A megabyte of tags that nobody closes, in a text."""
    tags = "<b><i><div><table>" * (MEGABYTE // 18)
    writer.write(answer(feed(item(_fresh(asked, 1)[0], content=tags), asked.site)))


async def attributes(asked: Asked, writer: Writer) -> None:
    """Tags with tens of thousands of attributes."""
    tag = "<a " + " ".join(f"a{n}='{n}'" for n in range(60_000)) + ">x</a>"
    writer.write(answer(feed(item(_fresh(asked, 1)[0], content=tag), asked.site)))


async def long_words(asked: Asked, writer: Writer) -> None:
    """Blanks, dashes and quotes where our patterns look, authors among them."""
    text = (
        f"<p>{'-' * 200_000}</p><p>{' ' * 200_000}</p><p>{chr(34) * 200_000}</p>"
        + "<p>and </p>" * 20_000
    )
    made = item(_fresh(asked, 1)[0], title=" " * 100_000 + "x", content=text)
    made = made.replace("</item>", f"<author>{' ' * 50_000}a{',' * 50_000}</author></item>")
    writer.write(answer(feed(made, asked.site)))


async def entities(asked: Asked, writer: Writer) -> None:
    """A billion laughs."""
    names = "".join(
        f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" if n else "<!ENTITY l0 'lol'>" for n in range(10)
    )
    writer.write(answer(f"<!DOCTYPE rss [{names}]><rss><channel>&l9;</channel></rss>".encode()))


async def junk(asked: Asked, writer: Writer) -> None:
    """Megabytes that are no feed."""
    writer.write(answer(bytes(range(256)) * (4 * MEGABYTE // 256)))


async def flood(asked: Asked, writer: Writer) -> None:
    """Two thousand new articles each time, with whole texts."""
    body = "<p>A sentence that says nothing, said Ada Park. </p>" * 12
    links = _fresh(asked, 2_000)
    items = "".join(item(link, f"Flood {link[-24:]}", f"{body}<p>{link}</p>") for link in links)
    writer.write(answer(feed(items, asked.site)))


async def forged(asked: Asked, writer: Writer) -> None:
    """Other people's articles with titles and texts of our own, and by way of a redirect."""
    if asked.path.startswith("/go"):
        writer.write(answer(b"", "text/html", f"Location: {asked.victim}", status="302 Found"))
        return
    body = "<p>Forged, and said by nobody at all but the one who wrote this.</p>" * 20
    items = item(asked.victim, "FORGED", body) + item(f"{asked.site}/go/{time.time_ns()}", "FORGED")
    writer.write(answer(feed(items, asked.site)))


async def astray(asked: Asked, writer: Writer) -> None:
    """Redirects into the machine's own network, and in circles."""
    there = (
        "http://169.254.169.254/latest/meta-data/",
        f"http://127.0.0.1:{asked.port}/",
        "file:///etc/passwd",
        f"{asked.site}/{time.time_ns()}",
    )[time.time_ns() // 1000 % 4]
    writer.write(answer(b"", "text/html", f"Location: {there}", status="302 Found"))


async def wild_robots(asked: Asked, writer: Writer) -> None:
    """Half a megabyte of wildcards before each page, on sites without number."""
    if asked.path == "/robots.txt":
        rules = "".join(f"Disallow: /*a*{n}*b*c*d*$\n" for n in range(20_000))
        writer.write(answer(f"User-agent: *\n{rules}".encode()[:524_288], "text/plain"))
        return
    others = [
        f"http://127.99.{n // 250}.{n % 250}:{asked.port}/{time.time_ns()}" for n in range(200)
    ]
    await _listing(asked, writer, others, b"<p>aaaa</p>")


async def slow_pages(asked: Asked, writer: Writer) -> None:
    """Fifty new pages each time, which drip."""
    if asked.path == "/feed.xml":
        await _listing(asked, writer, _fresh(asked, 50), b"")
    else:
        await drip(asked, writer)


async def heavy_pages(asked: Asked, writer: Writer) -> None:
    """Fifty new pages each time, a megabyte of nesting each."""
    await _listing(asked, writer, _fresh(asked, 50), b"<div><p>word word " * (MEGABYTE // 18))


async def _listing(asked: Asked, writer: Writer, links: list[str], page: bytes) -> None:
    if asked.path == "/feed.xml":
        writer.write(answer(feed("".join(map(item, links)), asked.site)))
    elif asked.path == "/robots.txt":
        writer.write(answer(b"", "text/plain", status="404 Not Found"))
    else:
        writer.write(answer(page, "text/html"))


async def odd_words(asked: Asked, writer: Writer) -> None:
    """Titles that turn the line around, times that cannot be, ids of a hundred thousand letters."""
    title = "\u202egnorw\u202c \u0007 &#27;[2J <script>alert(1)</script>"[:40] + "t" * 100_000
    made = item(
        _fresh(asked, 1)[0], title.replace("<", "&lt;").replace("&#27;", ""), "<p>x</p>" * 90
    )
    made = made.replace(
        "<guid>", f"<pubDate>Fri, 31 Dec 9999 23:59:59 GMT</pubDate><guid>{'g' * 99_999}"
    )
    writer.write(answer(feed(made, asked.site)))


async def busy(asked: Asked, writer: Writer) -> None:
    """No time, says the server, and to come back at once."""
    writer.write(answer(b"", "text/plain", "Retry-After: 0", status="503 Service Unavailable"))


ATTACKS: tuple[Attack, ...] = (
    drip, silent, reset, endless_head, packed, unbalanced, attributes, long_words, entities, junk,
    flood, forged, astray, wild_robots, slow_pages, heavy_pages, odd_words, busy,
)  # fmt: skip


def attack_of(number: int) -> Attack:
    """What hostile feed ``number`` does."""
    return ATTACKS[number % len(ATTACKS)]
