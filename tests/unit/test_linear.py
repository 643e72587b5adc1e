"""What outside text costs grows as its length does, whatever is repeated in it: tried by doubling.

Times are those of the processor, as ratios: a reader that is quadratic takes sixteen times as long
for four times as much.
"""

from __future__ import annotations

import gc
import html
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

import pytest
from trafilatura import load_html

from pipeline import settings
from pipeline.enrich.datelines import dateline_end
from pipeline.enrich.parse import readable
from pipeline.enrich.quotes import find_quotes
from pipeline.errors import Rejected
from pipeline.feeds.dates import parse_time
from pipeline.feeds.link_header import with_link_header
from pipeline.feeds.markup import html_to_text, letters, plain_title, sanitise
from pipeline.feeds.page_metadata import read_metadata, split_names
from pipeline.feeds.parse import author_names, parse_feed
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.text import clean_text, first_sentence
from pipeline.feeds.walls import Signs, why_no_article
from pipeline.search.diff import changes

ATOMS = (
    " ", "-", "- ", "\n", "\r\n", "\t", "'", '"', "\u201c", "\u2019s ", ",", ", ", " and ", ";",
    ".", ". ", "(", ")", "[", "<", ">", "<b>", "</b>", "<b></i>", "<b><i></b>", "<p>", "<a b=c>",
    "<table><td>", "<!--", "]]>", "<?", "&", "&#", "&amp;", "&amp", "a", "A", "Aa ", "9", "12:00 ",
    "a@b (", "@", "\u0301", "\u3000", "\xad", "said ", "by ", "Mr. ", "{", "\\", "\x00", "/", "%41",
    "|", " | ", "a=1 ",
)  # fmt: skip
SHORT, LONG = 16_000, 64_000
MOST = 9.0  # times as long for four times as much
NOISE = 0.25  # seconds: below it nothing is told
MEGABYTE_SECONDS = 2.0
TEXT = settings.load().enrich.max_text_chars


def _attributes(size: int) -> str:
    return f"<a {' '.join(f'a{n}=1' for n in range(size // 8))}>x</a>"


def _valueless(size: int) -> str:
    return f"<a {' '.join(f'a{n}' for n in range(size // 6))}>x</a>"


def _quoted_ends(size: int) -> str:
    tag = " ".join(f'a{n}=">"' for n in range(size // 10))
    return f"<a {tag}>x</a>"


def _left_open(size: int) -> str:
    return "".join(f"<p><i a={n}>" for n in range(size // 12))


def _closed_in_vain(size: int) -> str:
    return "".join(f"<i a='<{n}'><!--</i>--><p>" for n in range(size // 24))


def _page(title: str) -> object:
    written = html.escape(title).replace("\x00", "")
    page = f"<html><head><title>{written}</title></head><body><h1>{written}</h1></body></html>"
    return read_metadata(load_html(page), "https://x.example/")


def _in_feed(text: str) -> ParsedFeed:
    item = text.replace("&", "&amp;").replace("<", "&lt;").replace("\x00", "")
    return parse_feed(
        f"<rss version='2.0'><channel><title>x</title><item><title>{item[:5_000]}</title>"
        f"<author>{item}</author><description>{item}</description></item></channel></rss>".encode(),
        url="https://courier.example/feed",
    )


class Reader(NamedTuple):
    """``longest`` is what it is ever given, or what is asked of it here."""

    name: str
    read: Callable[[str], object]
    longest: int = 1_000_000


READERS = (
    Reader("sanitise", lambda text: sanitise(text, "https://x.example/")),
    Reader("html_to_text", html_to_text),
    Reader("letters", letters),
    Reader("plain_title", lambda text: plain_title(text, 500)),
    Reader("clean_text", clean_text),
    Reader("first_sentence", lambda text: first_sentence(text, 120)),
    Reader("authors", lambda text: author_names(split_names(text))),
    Reader("time", parse_time),
    Reader("link header", lambda text: with_link_header(ParsedFeed(), text, "https://x.example/")),
    Reader("walls", lambda text: why_no_article(text, text, Signs())),
    Reader("feed", _in_feed),
    Reader("title of a page", _page, 100_000),  # trafilatura takes 2 s for a megabyte of "<"
    Reader("quotes", find_quotes, TEXT),
    Reader("readable", readable, TEXT),
    Reader("dateline", lambda text: dateline_end(text, 0), TEXT),
    Reader("diff", lambda text: changes(text, text[: len(text) // 2] + "x" + text)),
)


def seconds(reader: Reader, text: str) -> float:
    gc.disable()  # what it takes depends on what else is there
    started = time.process_time()
    try:
        with suppress(Rejected, ValueError):
            reader.read(text)
        return time.process_time() - started
    finally:
        gc.enable()


def inputs() -> Iterable[tuple[str, Callable[[int], str]]]:
    for atom in ATOMS:
        yield repr(atom), lambda size, atom=atom: (atom * (size // len(atom) + 1))[:size]
    for make in (_attributes, _valueless, _quoted_ends, _left_open, _closed_in_vain):
        yield make.__name__, make


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_is_four_times_as_long_takes_four_times_as_long(reader: Reader) -> None:
    seconds(reader, "once, for what is made at first use")
    grows = []
    for name, make in inputs():
        short, long = seconds(reader, make(SHORT)), seconds(reader, make(LONG))
        if long > NOISE and long > MOST * short:  # again: the machine may have been busy
            short = max(seconds(reader, make(SHORT)) for _ in range(3))
            long = min(seconds(reader, make(LONG)) for _ in range(3))
            if long > NOISE and long > MOST * short:
                grows.append(f"{name}: {short:.3f} s, {long:.3f} s")
    assert not grows


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_megabyte_takes_two_seconds(reader: Reader) -> None:
    slow = []
    for name, make in inputs():
        tenth = seconds(reader, make(100_000))
        if tenth > MEGABYTE_SECONDS / 20:  # what grows worse than its length shows above
            whole = min(seconds(reader, make(reader.longest)) for _ in range(2))
            slow += [f"{name}: {whole:.1f} s"] if whole > MEGABYTE_SECONDS else []
    assert not slow
