"""How fast feeds are read, beside the two libraries that read them: fastfeedparser alone, which
sanitises nothing, and feedparser, which does. All in one run, on the same bytes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import fastfeedparser
import feedparser
import msgspec

from pipeline.feeds.parse import parse_feed
from tests.benchmarks.texts import made_texts

_REAL = Path(__file__).parents[3] / "shared" / "eval" / "feeds"
_ENTRIES = 200
_SECONDS = 1.0
_MEGABYTE = 1_000_000
_ITEM = """<item><title>{title}</title><link>https://courier.example/news/{number}</link>
<guid isPermaLink="true">https://courier.example/news/{number}</guid>
<pubDate>Sun, 01 Mar 2026 12:{minute:02}:00 GMT</pubDate><dc:creator>Ada Lind</dc:creator>
<category>news</category>
<media:content url="https://img.courier.example/{number}.jpg" medium="image"/>
<description><![CDATA[{description}]]></description>{content}</item>"""
_FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>The Courier</title><link>https://courier.example/</link>{items}</channel></rss>"""


class FeedSpeed(msgspec.Struct, frozen=True, kw_only=True):
    """Megabytes of feeds a second: read and sanitised by us, by fastfeedparser, by feedparser."""

    name: str
    ours: float
    fast: float
    patient: float

    @property
    def to_fast(self) -> float:
        return self.ours / self.fast

    @property
    def to_patient(self) -> float:
        return self.ours / self.patient


def feed_speeds() -> Iterator[FeedSpeed]:
    """Made feeds of three kinds, and real ones where they are beside this checkout."""
    yield measure("made, plain teasers", [made_feed(markup=False, full=False)])
    yield measure("made, teasers in HTML", [made_feed(markup=True, full=False)])
    yield measure("made, full texts in HTML", [made_feed(markup=True, full=True)])
    real = [file.read_bytes() for file in sorted(_REAL.glob("real-*.rss"))]
    if real:
        yield measure(f"{len(real)} real ones of 150 kB and more", real)


def measure(name: str, documents: list[bytes]) -> FeedSpeed:
    """The speeds over all the documents together."""
    return FeedSpeed(
        name=name,
        ours=_speed(documents, lambda data: parse_feed(data, url="https://courier.example/feed")),
        fast=_speed(documents, fastfeedparser.parse),
        patient=_speed(documents, feedparser.parse),
    )


def made_feed(*, markup: bool, full: bool, seed: int = 1) -> bytes:
    """An RSS feed of 200 entries with the project's own paragraphs."""
    chosen = random.Random(seed)
    texts = made_texts(_ENTRIES, seed)
    return _FEED.format(
        items="".join(
            _item(number, text.split("\n"), markup=markup, full=full, photo=chosen.random() < 0.5)
            for number, text in enumerate(texts)
        )
    ).encode()


def _item(number: int, paragraphs: list[str], *, markup: bool, full: bool, photo: bool) -> str:
    body = "".join(f"<p>{escape(each, quote=False)}</p>" for each in paragraphs)
    image = "<p><img src='https://img.courier.example/1.jpg' alt=''></p>" if photo else ""
    teaser = paragraphs[0].replace("&", "and").replace("<", "")
    link = f" <a href='https://courier.example/news/{number}'>more</a>"
    return _ITEM.format(
        number=number,
        minute=number % 60,
        title=escape(" ".join(paragraphs[1].split()[:9]), quote=False),
        description=f"{image}<p>{teaser}</p>{link}" if markup else teaser,
        content=f"<content:encoded><![CDATA[{image}{body}]]></content:encoded>" if full else "",
    )


def _speed(documents: list[bytes], read: Callable[[bytes], object]) -> float:
    """Megabytes a second at its best: others share the machine."""
    best, until = float("inf"), time.perf_counter() + _SECONDS
    while True:
        started = time.perf_counter()
        for document in documents:
            read(document)
        ended = time.perf_counter()
        best = min(best, ended - started)
        if ended > until:
            return sum(map(len, documents)) / best / _MEGABYTE
